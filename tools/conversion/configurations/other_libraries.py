"""Estimators of other libraries, where they are installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tools.conversion.configuration import Configuration
from tools.conversion.tables import TargetKind

SECTION = "Other libraries"


def _row(name: str, package: str, table: str, target: TargetKind, fit: Any) -> Configuration:
    return Configuration(SECTION, name, table, target, fit, requires=package)


def _imblearn(rows: Any, target: Any) -> Any:
    pipeline = import_module("imblearn.pipeline").make_pipeline
    return pipeline(
        import_module("imblearn.over_sampling").SMOTE(random_state=0), LogisticRegression(max_iter=2000)
    ).fit(rows, target)


CONFIGURATIONS: tuple[Configuration, ...] = (
    _row("imblearn Pipeline with SMOTE", "imblearn", "small", "two", _imblearn),
    _row(
        "imblearn BalancedRandomForestClassifier",
        "imblearn",
        "small",
        "two",
        lambda rows, target: import_module("imblearn.ensemble").BalancedRandomForestClassifier(5).fit(rows, target),
    ),
    _row(
        "category_encoders.TargetEncoder",
        "category_encoders",
        "mixed",
        "zero_one",
        lambda rows, target: make_pipeline(
            import_module("category_encoders").TargetEncoder(), RandomForestClassifier(5, random_state=0)
        ).fit(rows, target),
    ),
    _row(
        "category_encoders.OneHotEncoder",
        "category_encoders",
        "mixed",
        "zero_one",
        lambda rows, target: make_pipeline(
            import_module("category_encoders").OneHotEncoder(), RandomForestClassifier(5, random_state=0)
        ).fit(rows, target),
    ),
)
