"""Targets of a fitted estimator: their number, the classes of each, and the estimators that may have several."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn import dummy, ensemble, gaussian_process, linear_model, multiclass, neighbors, neural_network, tree
from sklearn.base import is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert.inspection import StepRefusal, unwrapped, walk
from model_export.pipelines.convert.libraries import library_of
from model_export.pipelines.convert.linear import CENTRED_REGRESSORS, LINEAR_REGRESSORS
from model_export.pipelines.convert.named_classes import NamedClasses

CHAINS: tuple[type, ...] = (ClassifierChain, RegressorChain)
OF_MEMBERS: tuple[type, ...] = (MultiOutputClassifier, MultiOutputRegressor, *CHAINS)
"""Estimators with a member for each target."""
TREES: tuple[type, ...] = (
    tree.DecisionTreeClassifier,
    tree.DecisionTreeRegressor,
    tree.ExtraTreeClassifier,
    tree.ExtraTreeRegressor,
    ensemble.ExtraTreesClassifier,
    ensemble.ExtraTreesRegressor,
    ensemble.RandomForestClassifier,
    ensemble.RandomForestRegressor,
)
INDICATORS: Mapping[type, Callable[[Any], bool]] = {
    multiclass.OneVsRestClassifier: lambda one: bool(one.multilabel_),
    neural_network.MLPClassifier: lambda one: str(one._label_binarizer.y_type_).startswith("multilabel"),
    linear_model.RidgeClassifier: lambda one: str(one._label_binarizer.y_type_).startswith("multilabel"),
    linear_model.RidgeClassifierCV: lambda one: str(one._label_binarizer.y_type_).startswith("multilabel"),
}
"""Classifiers that take a matrix of 0 and 1, whose `classes_` are the numbers of its columns: True for such a fit."""
INSIDE: Mapping[type, Callable[[Any], Any]] = {
    Pipeline: lambda one: one.steps[-1][1],
    TransformedTargetRegressor: lambda one: one.regressor_,
    linear_model.RANSACRegressor: lambda one: one.estimator_,
    ensemble.BaggingRegressor: lambda one: one.estimators_[0],
}
"""For estimators that predict what another one does: that one."""
WIDTHS: Mapping[type, Callable[[Any], int]] = {
    **dict.fromkeys(OF_MEMBERS, lambda one: len(one.estimators_)),
    **dict.fromkeys((*LINEAR_REGRESSORS, *CENTRED_REGRESSORS), lambda one: _width(one.coef_, across=0)),
    **dict.fromkeys((*TREES, dummy.DummyClassifier, dummy.DummyRegressor), lambda one: int(one.n_outputs_)),
    **dict.fromkeys(INDICATORS, lambda one: len(one.classes_) if INDICATORS[type(one)](one) else 1),
    neighbors.KNeighborsClassifier: lambda one: _width(one._y, across=1) if one.outputs_2d_ else 1,
    neighbors.KNeighborsRegressor: lambda one: _width(one._y, across=1),
    neural_network.MLPRegressor: lambda one: int(one.n_outputs_),
    KernelRidge: lambda one: _width(one.dual_coef_, across=1),
    gaussian_process.GaussianProcessRegressor: lambda one: _width(one.alpha_, across=1),
}
"""For each estimator that may predict several targets and is converted with them: their number in a fitted one."""
SEVERAL = (
    "it predicts several targets, which are converted for linear models, trees, forests, neighbours, networks and "
    "a few more; put a {kind} of one target into a {wrapper}, or train one model for each target"
)


def _width(array: Any, *, across: int) -> int:
    return int(array.shape[across]) if array.ndim > 1 else 1


def target_count(estimator: Any) -> int:
    """The number of targets that a fitted estimator predicts; a target fitted as [N, 1] is one."""
    estimator = unwrapped(estimator)
    kind = type(estimator)
    if kind in INSIDE:
        return target_count(INSIDE[kind](estimator))
    if kind in WIDTHS:
        return WIDTHS[kind](estimator)
    classes = getattr(estimator, "classes_", None) if is_classifier(estimator) else None
    if isinstance(classes, list) and classes and isinstance(classes[0], np.ndarray | list):
        return len(classes)
    return BOOSTERS[library](estimator) if (library := library_of(estimator)) in BOOSTERS else 1


def _targets_of_xgboost(estimator: Any) -> int:
    learner = json.loads(estimator.get_booster().save_config())["learner"]
    return int(learner["learner_model_param"]["num_target"])


def _targets_of_catboost(estimator: Any) -> int:
    if not str(estimator.get_all_params().get("loss_function")).startswith(OF_SEVERAL_IN_CATBOOST):
        return 1
    return int(np.size(estimator.get_scale_and_bias()[1]))


OF_SEVERAL_IN_CATBOOST = ("MultiRMSE", "MultiLogloss", "MultiCrossEntropy")
BOOSTERS: Mapping[str | None, Callable[[Any], int]] = {
    "xgboost": _targets_of_xgboost,
    "catboost": _targets_of_catboost,
}
"""For libraries whose own models of several targets are counted, to be refused."""


def takes_columns(estimator: Any) -> bool:
    """Return True for a pipeline that fits one target only as a column [N, 1]: its last step has members for each."""
    estimator = unwrapped(estimator)
    while isinstance(estimator, Pipeline | TransformedTargetRegressor):
        estimator = unwrapped(estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator.regressor)
    return type(estimator) in OF_MEMBERS


def target_classes(classifier: Any) -> list[list[Any]]:
    """The classes of each target of a fitted classifier, in the order of its targets, as plain Python values."""
    if isinstance(classifier, NamedClasses):
        return [list(np.asarray(classifier.classes_).tolist())]
    classifier = unwrapped(classifier)
    if type(classifier) in INSIDE:
        return target_classes(INSIDE[type(classifier)](classifier))
    if type(classifier) in INDICATORS and INDICATORS[type(classifier)](classifier):
        return [[0, 1] for _ in classifier.classes_]
    classes = classifier.classes_
    if type(classifier) is ClassifierChain:
        # scikit-learn has them in the order of the chain, whatever the order of its predictions
        classes = [classes[place] for place in np.argsort(classifier.order_)]
    is_nested = isinstance(classes, list) and bool(classes) and isinstance(classes[0], np.ndarray | list)
    # a classifier of another library may have a plain list
    return [list(np.asarray(one).tolist()) for one in (classes if is_nested else [classes])]


def refuse_other_targets(pipeline: Any) -> None:
    """Raises StepRefusal for a step that predicts several targets and has no converter for them."""
    for _, step in walk(pipeline):
        if type(step) in WIDTHS or type(step) in INSIDE or unwrapped(step) is not step:
            continue
        if hasattr(step, "predict") and target_count(step) > 1:
            wrapper = "MultiOutputClassifier" if is_classifier(step) else "MultiOutputRegressor"
            raise StepRefusal(step, SEVERAL.format(kind=type(step).__name__, wrapper=wrapper))
