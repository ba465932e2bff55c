"""Boosters of a library's own training function, as the estimators that the library makes for scikit-learn.

`xgboost.train` returns a Booster, which is no estimator: it has no `fit`, and predicts for a DMatrix alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

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


def as_estimator(part: Any) -> Any:
    """A fitted estimator that predicts as a Booster does; anything else as it is.

    `predict` of a Booster uses all its trees, even where training stopped early; so does the estimator.
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


def rounds_kept(estimator: Any) -> dict[str, Any]:
    """Arguments for training again as many rounds as the fitted estimator predicts with.

    Early stopping needs rows to watch, which `fit` of a pipeline has not.
    """
    if library_of(estimator) != "xgboost" or getattr(estimator, "best_iteration", None) is None:
        return {}
    return {"early_stopping_rounds": None, "n_estimators": estimator.best_iteration + 1}


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


NATIVE_BOOSTERS: Mapping[str, Callable[[Any], Any]] = {"xgboost.core.Booster": _of_xgboost}
