"""Boosters of a library's own training function, as the estimators that the library makes for scikit-learn.

`xgboost.train` and `lightgbm.train` return a Booster, which is no estimator: it has no `fit` and no classes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder

from model_export.pipelines.convert.libraries import class_name, library_of

CLASSIFIES = ("binary:", "multi:")
TREE_PARAMETERS = (
    "colsample_bylevel",
    "colsample_bynode",
    "colsample_bytree",
    "gamma",
    "grow_policy",
    "learning_rate",
    "max_bin",
    "max_cat_threshold",
    "max_cat_to_onehot",
    "max_delta_step",
    "max_depth",
    "max_leaves",
    "min_child_weight",
    "reg_alpha",
    "reg_lambda",
    "sampling_method",
    "subsample",
)
"""What a Booster of XGBoost remembers of its training and its estimator takes too."""
CATBOOST_ROUNDS = ("iterations", "n_estimators", "num_boost_round", "num_trees")
"""The names under which CatBoost takes the number of trees, of which one may be given."""
MOST_ROUNDS = 1000
"""The number of trees that CatBoost makes unless it is told another."""
OF_NO_ESTIMATOR = ("objective", "num_iterations", "num_class", "early_stopping_round")
"""What a Booster of LightGBM has among its parameters and an estimator sets by itself."""


def as_estimator(part: Any) -> Any:
    """A fitted estimator that predicts as a Booster does; anything else as it is.

    `predict` of an XGBoost Booster uses all its trees, even where training stopped early; so does the estimator.
    """
    return NATIVE_BOOSTERS.get(class_name(part), _unchanged)(part)


def without_column_names(pipeline: Pipeline) -> Pipeline:
    """The pipeline with a last step of XGBoost that takes the columns of its vectorizer by their order alone.

    XGBoost refuses columns that have other names than at its training, or none, as a vectorizer's have.
    """
    model = pipeline.steps[-1][1]
    if library_of(model) == "xgboost":
        model.get_booster().feature_names = None
    return pipeline


def training_again(estimator: Any) -> dict[str, Any]:
    """Arguments for training again: as many rounds as the fitted estimator predicts with, and no files.

    Early stopping needs rows to watch, which `fit` of a pipeline has not. CatBoost writes logs into the working folder,
    which Lambda lets nobody do.
    """
    library = library_of(estimator)
    if library == "xgboost" and getattr(estimator, "best_iteration", None) is not None:
        return {"early_stopping_rounds": None, "n_estimators": estimator.best_iteration + 1}
    if library == "lightgbm" and getattr(estimator, "best_iteration_", 0) > 0:
        return {"n_estimators": estimator.best_iteration_}
    return _catboost_again(estimator) if library == "catboost" else {}


def _catboost_again(estimator: Any) -> dict[str, Any]:
    given, arguments = estimator.get_params(), {"allow_writing_files": False}
    rounds = next((name for name in CATBOOST_ROUNDS if name in given), CATBOOST_ROUNDS[0])
    if estimator.tree_count_ in (None, given.get(rounds, MOST_ROUNDS)):
        return arguments
    watched = {name: None for name in ("early_stopping_rounds", "use_best_model") if name in given}
    # Without a learning rate CatBoost chooses one, and for fewer rounds a higher one.
    return {**arguments, rounds: estimator.tree_count_, "learning_rate": estimator.learning_rate_, **watched}


def _unchanged(part: Any) -> Any:
    return part


def _of_xgboost(booster: Any) -> Any:
    import xgboost

    learner = json.loads(booster.save_config())["learner"]
    classifies = learner["objective"]["name"].startswith(CLASSIFIES)
    estimator = (xgboost.XGBClassifier if classifies else xgboost.XGBRegressor)(
        n_estimators=booster.num_boosted_rounds(), **_parameters(learner)
    )
    estimator.load_model(booster.save_raw("ubj"))
    estimator.base_score = None  # load_model keeps that of this training, and the next one has other rows
    estimator.get_booster().set_attr(best_iteration=None)
    return estimator


def _of_lightgbm(booster: Any) -> Any:
    """LightGBM has no public way from a Booster to an estimator, so this sets what its own `fit` sets."""
    import lightgbm

    parameters = {name: value for name, value in booster.params.items() if name not in OF_NO_ESTIMATOR}
    classes = _lightgbm_classes(booster)
    estimator = (lightgbm.LGBMClassifier if classes else lightgbm.LGBMRegressor)(
        n_estimators=booster.current_iteration(), **parameters
    )
    estimator._Booster, estimator.fitted_ = booster, True
    estimator._objective = estimator.objective = booster.params.get("objective")
    estimator._n_features = estimator._n_features_in = booster.num_feature()
    estimator._best_iteration = booster.best_iteration
    names = booster.feature_name()
    estimator._fitted_with_feature_names = names != [f"Column_{place}" for place in range(len(names))]
    if classes:
        estimator._le = LabelEncoder().fit(range(classes))
        estimator._classes, estimator._n_classes = estimator._le.classes_, classes
    return estimator


def _lightgbm_classes(booster: Any) -> int:
    """The number of classes, 0 for a regression."""
    objective = booster.model_to_string(num_iteration=1).partition("\nobjective=")[2].partition("\n")[0]
    if objective.startswith("multiclass"):
        return int(booster.num_model_per_iteration())
    return 2 if objective.startswith("binary") else 0


def _parameters(learner: Mapping[str, Any]) -> dict[str, Any]:
    booster = learner["gradient_booster"]
    known = {**booster, **booster.get("gbtree", {})}
    trained = known.get("tree_train_param", {})
    found = {name: trained[name] for name in TREE_PARAMETERS if name in trained}
    found |= known.get("dart_train_param", {})
    found |= learner["objective"].get("reg_loss_param", {})
    found |= {"random_state": learner["generic_param"]["seed"]}
    if "gbtree_model_param" in known:
        found |= {"num_parallel_tree": known["gbtree_model_param"]["num_parallel_tree"]}
    return {name: _plain(value) for name, value in found.items()}


def _plain(text: str) -> Any:
    """The number that a user wrote: XGBoost shows 0.2 as the digits of its float32, 0.200000003."""
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(str(np.float32(text)))
    except ValueError:
        return text


NATIVE_BOOSTERS: Mapping[str, Callable[[Any], Any]] = {
    "lightgbm.basic.Booster": _of_lightgbm,
    "xgboost.core.Booster": _of_xgboost,
}
