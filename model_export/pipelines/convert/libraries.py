"""Estimators of XGBoost, LightGBM and CatBoost, told by the names of their classes.

None of these libraries is needed here: whoever has such an estimator in memory has imported its library.
"""

from __future__ import annotations

from typing import Any, Literal

Library = Literal["xgboost", "lightgbm", "catboost"]
LIBRARIES: tuple[Library, ...] = ("xgboost", "lightgbm", "catboost")


def class_name(estimator: Any) -> str:
    """Module and class, as "xgboost.sklearn.XGBClassifier"."""
    kind = type(estimator)
    return f"{kind.__module__}.{kind.__qualname__}"


def library_of(estimator: Any) -> Library | None:
    """The library that defines the class of an estimator or an error, also in its compiled part; None for any other."""
    top = type(estimator).__module__.partition(".")[0].removeprefix("_")
    return next((library for library in LIBRARIES if library == top), None)
