"""XGBoost, LightGBM and CatBoost, where they are installed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import make_pipeline

from tools.conversion.configuration import Configuration
from tools.conversion.configurations.composing import mixed
from tools.conversion.tables import TargetKind, as_categories

SECTION = "Boosters"
_XGB: dict[str, Any] = {"n_estimators": 15, "max_depth": 4, "random_state": 0, "n_jobs": 1}
_LGBM: dict[str, Any] = {"n_estimators": 15, "verbose": -1, "random_state": 0, "n_jobs": 1}
_CAT: dict[str, Any] = {
    "iterations": 15,
    "verbose": False,
    "random_seed": 0,
    "thread_count": 1,
    "allow_writing_files": False,
}
LIBRARIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "XGB": ("xgboost", "XGB", _XGB),
    "LGBM": ("lightgbm", "LGBM", _LGBM),
    "CatBoost": ("catboost", "CatBoost", _CAT),
}


def _model(library: str, kind: str, **options: Any) -> Any:
    package, prefix, defaults = LIBRARIES[library]
    return getattr(import_module(package), prefix + kind)(**defaults, **options)


def _row(
    library: str,
    name: str,
    table: str,
    target: TargetKind,
    build: Callable[[], Any],
    rows: Callable[[pd.DataFrame], Any] = lambda frame: frame,
    saved: Callable[[Any], Any] = lambda predictor: predictor,
) -> Configuration:
    return Configuration(
        SECTION,
        name,
        table,
        target,
        lambda frame, values: build().fit(frame, values),
        rows=rows,
        saved=saved,
        requires=LIBRARIES[library][0],
    )


def _of(library: str) -> list[Configuration]:
    def classifier(**options: Any) -> Callable[[], Any]:
        return lambda: _model(library, "Classifier", **options)

    def regressor(**options: Any) -> Callable[[], Any]:
        return lambda: _model(library, "Regressor", **options)

    return [
        _row(library, f"{library}Classifier", "wide", "zero_one", classifier()),
        _row(library, f"{library}Classifier", "wide", "numbered", classifier()),
        _row(library, f"{library}Regressor", "wide", "number", regressor()),
        _row(library, f"{library}Classifier", "wide with holes", "zero_one", classifier()),
        _row(library, f"{library}Regressor", "wide with holes", "number", regressor()),
        _row(
            library,
            f"{library}Classifier after a mixed ColumnTransformer",
            "mixed with holes",
            "zero_one",
            lambda: make_pipeline(mixed(sparse_threshold=0), classifier()()),
        ),
        _row(
            library,
            f"DictVectorizer and {library}Classifier",
            "mixed",
            "zero_one",
            lambda: make_pipeline(DictVectorizer(sparse=False), classifier()()),
            rows=lambda frame: frame.to_dict("records"),
        ),
    ]


CONFIGURATIONS: tuple[Configuration, ...] = (
    *(one for library in LIBRARIES for one in _of(library)),
    _row(
        "XGB",
        "XGBClassifier, native categories",
        "mixed with holes",
        "zero_one",
        lambda: _model("XGB", "Classifier", enable_categorical=True),
        rows=as_categories,
    ),
    _row(
        "LGBM",
        "LGBMClassifier, native categories",
        "mixed with holes",
        "zero_one",
        lambda: _model("LGBM", "Classifier"),
        rows=as_categories,
    ),
    _row(
        "CatBoost",
        "CatBoostClassifier(cat_features)",
        "mixed",
        "zero_one",
        lambda: _model("CatBoost", "Classifier", cat_features=["city", "plan"]),
    ),
    _row(
        "XGB",
        "XGBRegressor(objective='count:poisson')",
        "small",
        "positive",
        lambda: _model("XGB", "Regressor", objective="count:poisson"),
    ),
    _row(
        "LGBM",
        "LGBMRegressor(objective='poisson')",
        "small",
        "positive",
        lambda: _model("LGBM", "Regressor", objective="poisson"),
    ),
)
