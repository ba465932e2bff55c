"""The table of converters: a rule is for exactly one class."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.base import RegressorMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, SGDClassifier
from sklearn.preprocessing import OneHotEncoder

from model_export.pipelines.convert.converters import rule_of
from model_export.transformers.dates import DateParts


class Doubled(LinearRegression):  # type: ignore[misc]
    """Predicts otherwise than its parent."""


class Own:
    onnx_output = "string"

    def to_onnx(self, graph: Any, x: str) -> str:
        return x


@pytest.mark.parametrize(
    ("estimator", "takes", "returns"),
    [
        (LinearRegression(), "numbers", "regression"),
        (SGDClassifier(), "numbers", "classification"),
        (SimpleImputer(), "either", "same"),
        (OneHotEncoder(), "several", "numbers"),
        (HistGradientBoostingClassifier(), "several", "classification"),
        (DateParts(), "datetimes", "numbers"),
        (Own(), "any", "strings"),
    ],
)
def test_the_rule_of_an_estimator(estimator: Any, takes: str, returns: str) -> None:
    rule = rule_of(estimator)
    assert rule is not None
    assert (rule.takes, rule.returns) == (takes, returns)


@pytest.mark.parametrize("estimator", [Doubled(), RegressorMixin(), Own], ids=["subclass", "unknown", "a class"])
def test_no_rule_is_guessed(estimator: Any) -> None:
    assert rule_of(estimator) is None
