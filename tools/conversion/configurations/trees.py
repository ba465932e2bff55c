"""Trees, forests and gradient boosting of scikit-learn, with native missing values and categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import ensemble, tree
from sklearn.compose import make_column_transformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from tools.conversion.configuration import Configuration, fitted
from tools.conversion.tables import CITIES, PLANS, TargetKind, as_categories

SECTION = "Trees"
_FEW: dict[str, Any] = {"n_estimators": 12, "random_state": 0}
_HIST: dict[str, Any] = {"max_iter": 12, "random_state": 0}


def _row(name: str, table: str, target: TargetKind, build: Callable[[], Any]) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(build))


_CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "DecisionTreeClassifier": lambda: tree.DecisionTreeClassifier(random_state=0),
    "DecisionTreeClassifier(max_depth=1)": lambda: tree.DecisionTreeClassifier(max_depth=1),
    "ExtraTreeClassifier": lambda: tree.ExtraTreeClassifier(random_state=0),
    "RandomForestClassifier": lambda: ensemble.RandomForestClassifier(**_FEW),
    "ExtraTreesClassifier": lambda: ensemble.ExtraTreesClassifier(**_FEW),
    "GradientBoostingClassifier": lambda: ensemble.GradientBoostingClassifier(**_FEW),
    "GradientBoostingClassifier(init='zero')": lambda: ensemble.GradientBoostingClassifier(init="zero", **_FEW),
    "HistGradientBoostingClassifier": lambda: ensemble.HistGradientBoostingClassifier(**_HIST),
}
_REGRESSORS: dict[str, Callable[[], Any]] = {
    "DecisionTreeRegressor": lambda: tree.DecisionTreeRegressor(random_state=0),
    "DecisionTreeRegressor(criterion='absolute_error')": lambda: tree.DecisionTreeRegressor(
        criterion="absolute_error", random_state=0
    ),
    "ExtraTreeRegressor": lambda: tree.ExtraTreeRegressor(random_state=0),
    "RandomForestRegressor": lambda: ensemble.RandomForestRegressor(**_FEW),
    "ExtraTreesRegressor": lambda: ensemble.ExtraTreesRegressor(**_FEW),
    "GradientBoostingRegressor": lambda: ensemble.GradientBoostingRegressor(**_FEW),
    "GradientBoostingRegressor(loss='huber')": lambda: ensemble.GradientBoostingRegressor(loss="huber", **_FEW),
    "GradientBoostingRegressor(loss='quantile')": lambda: ensemble.GradientBoostingRegressor(loss="quantile", **_FEW),
    "GradientBoostingRegressor(loss='absolute_error')": lambda: ensemble.GradientBoostingRegressor(
        loss="absolute_error", **_FEW
    ),
    "GradientBoostingRegressor(init=Ridge())": lambda: ensemble.GradientBoostingRegressor(init=Ridge(), **_FEW),
    "HistGradientBoostingRegressor": lambda: ensemble.HistGradientBoostingRegressor(**_HIST),
    "HistGradientBoostingRegressor(early_stopping=True, l2_regularization=1)": lambda: (
        ensemble.HistGradientBoostingRegressor(early_stopping=True, l2_regularization=1, **_HIST)
    ),
    "HistGradientBoostingRegressor(monotonic_cst)": lambda: ensemble.HistGradientBoostingRegressor(
        monotonic_cst=[1, 0, -1, 0, 0, 0, 0], **_HIST
    ),
}
_NATIVE_HOLES_CLASSIFIERS = (
    "DecisionTreeClassifier",
    "RandomForestClassifier",
    "ExtraTreesClassifier",
    "HistGradientBoostingClassifier",
)
_NATIVE_HOLES_REGRESSORS = (
    "DecisionTreeRegressor",
    "RandomForestRegressor",
    "ExtraTreesRegressor",
    "HistGradientBoostingRegressor",
)
_LOSSES = ("quantile", "absolute_error", "poisson", "gamma")


def _with_loss(loss: str) -> Callable[[], Any]:
    options = {"quantile": 0.7} if loss == "quantile" else {}
    return lambda: ensemble.HistGradientBoostingRegressor(loss=loss, **options, **_HIST)


def _native_categories(rows: Any, target: Any, model: Any) -> Any:
    levels = {"city": sorted(CITIES), "plan": sorted(PLANS)}
    encoder = OrdinalEncoder(
        categories=list(levels.values()), handle_unknown="use_encoded_value", unknown_value=np.nan
    ).set_output(transform="pandas")
    columns = make_column_transformer(
        (encoder, list(levels)), remainder="passthrough", verbose_feature_names_out=False
    ).set_output(transform="pandas")
    return make_pipeline(columns, model.set_params(categorical_features=list(levels))).fit(rows, target)


CONFIGURATIONS: tuple[Configuration, ...] = (
    *(_row(name, "wide", "two", build) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "wide", "three", build) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "wide", "number", build) for name, build in _REGRESSORS.items()),
    *(_row(name, "wide with holes", "two", _CLASSIFIERS[name]) for name in _NATIVE_HOLES_CLASSIFIERS),
    *(_row(name, "wide with holes", "number", _REGRESSORS[name]) for name in _NATIVE_HOLES_REGRESSORS),
    *(
        _row(f"HistGradientBoostingRegressor(loss={loss!r})", "wide with holes", "positive", _with_loss(loss))
        for loss in _LOSSES
    ),
    _row(
        "GradientBoostingClassifier(loss='exponential')",
        "wide",
        "two",
        lambda: ensemble.GradientBoostingClassifier(loss="exponential", **_FEW),
    ),
    _row(
        "RandomForestRegressor(criterion='poisson')",
        "small",
        "positive",
        lambda: ensemble.RandomForestRegressor(criterion="poisson", **_FEW),
    ),
    Configuration(
        SECTION,
        "HistGradientBoostingClassifier, native categories",
        "mixed with holes",
        "three",
        lambda rows, target: _native_categories(rows, target, ensemble.HistGradientBoostingClassifier(**_HIST)),
    ),
    Configuration(
        SECTION,
        "HistGradientBoostingRegressor, native categories",
        "mixed with holes",
        "number",
        lambda rows, target: _native_categories(rows, target, ensemble.HistGradientBoostingRegressor(**_HIST)),
    ),
    Configuration(
        SECTION,
        "HistGradientBoostingClassifier(categorical_features='from_dtype')",
        "mixed with holes",
        "two",
        fitted(lambda: ensemble.HistGradientBoostingClassifier(**_HIST)),
        rows=as_categories,
    ),
)
