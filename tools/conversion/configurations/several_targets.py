"""Estimators of several targets at once; the second target is a copy of the first with other values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import ensemble, linear_model, multiclass, multioutput

from tools.conversion.configuration import Configuration
from tools.conversion.tables import TargetKind

SECTION = "Several targets"


def _row(name: str, target: TargetKind, build: Callable[[], Any]) -> Configuration:
    def fit(rows: Any, values: Any) -> Any:
        other = np.roll(np.asarray(values), 7)
        return build().fit(rows, np.column_stack([values, other]))

    return Configuration(SECTION, name, "small", target, fit)


CONFIGURATIONS: tuple[Configuration, ...] = (
    _row("LinearRegression", "number", linear_model.LinearRegression),
    _row("RandomForestRegressor", "number", lambda: ensemble.RandomForestRegressor(5, random_state=0)),
    _row("MultiOutputRegressor(Ridge)", "number", lambda: multioutput.MultiOutputRegressor(linear_model.Ridge())),
    _row("RegressorChain(Ridge)", "number", lambda: multioutput.RegressorChain(linear_model.Ridge())),
    _row(
        "MultiOutputClassifier(LogisticRegression)",
        "zero_one",
        lambda: multioutput.MultiOutputClassifier(linear_model.LogisticRegression(max_iter=2000)),
    ),
    _row(
        "ClassifierChain(LogisticRegression)",
        "zero_one",
        lambda: multioutput.ClassifierChain(linear_model.LogisticRegression(max_iter=2000)),
    ),
    _row(
        "OneVsRestClassifier(LogisticRegression), multilabel",
        "zero_one",
        lambda: multiclass.OneVsRestClassifier(linear_model.LogisticRegression(max_iter=2000)),
    ),
)
