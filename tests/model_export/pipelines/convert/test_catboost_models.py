"""CatBoost and the graph side by side, on missing values, borders and their neighbours in float32."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from tests.model_export.pipelines.convert.boosted import (
    TREES,
    around,
    largest_difference,
    numbers,
    schema_for,
    score_of,
    side_by_side,
)

catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
FEW = {"iterations": TREES, "learning_rate": 0.3, "verbose": 0, "thread_count": 1, "allow_writing_files": False}
BEYOND = 1e30
"""The borders of missing values are the least and the greatest float32."""


def compared(estimator: Any, train: pd.DataFrame, target: Any) -> float:
    """The largest difference on rows at the borders of the estimator, fitted here."""
    estimator.fit(train, target)
    borders = [
        (str(train.columns[feature]), border)
        for feature, found in estimator.get_borders().items()
        for border in found
        if abs(border) < BEYOND
    ]
    return largest_difference(*side_by_side(estimator, around(numbers(seed=2), borders)), smallest=1e-3)


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    return numbers(seed=1)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"loss_function": "MAE"},
        {"loss_function": "Quantile:alpha=0.8"},
        {"loss_function": "Huber:delta=1"},
        {"loss_function": "Expectile:alpha=0.3"},
        {"grow_policy": "Lossguide"},
        {"grow_policy": "Depthwise"},
        {"nan_mode": "Max"},
        {"boosting_type": "Ordered"},
    ],
)
def test_a_regression_is_equal_at_borders_and_their_neighbours(train: pd.DataFrame, options: dict[str, Any]) -> None:
    assert compared(catboost.CatBoostRegressor(**{**FEW, **options}), train, score_of(train)) < 1e-14


@pytest.mark.parametrize("loss", ["Poisson", "Tweedie:variance_power=1.5"])
def test_logarithms_are_undone(train: pd.DataFrame, loss: str) -> None:
    assert compared(catboost.CatBoostRegressor(loss_function=loss, **FEW), train, np.exp(score_of(train) / 3)) < 1e-12


@pytest.mark.parametrize(
    ("classes", "options"),
    [
        (2, {}),
        (2, {"grow_policy": "Lossguide"}),
        (3, {}),
        (3, {"grow_policy": "Lossguide"}),
        (3, {"loss_function": "MultiClassOneVsAll"}),
    ],
)
def test_classes_and_probabilities(train: pd.DataFrame, classes: int, options: dict[str, Any]) -> None:
    target = pd.qcut(score_of(train), classes, labels=["low", "more", "top"][:classes]).astype(object)
    assert compared(catboost.CatBoostClassifier(**{**FEW, **options}), train, target) < 1e-9


def test_classes_may_be_booleans_and_shares(train: pd.DataFrame) -> None:
    above = score_of(train) > 1
    assert compared(catboost.CatBoostClassifier(**FEW), train, above) < 1e-9
    assert compared(catboost.CatBoostClassifier(loss_function="CrossEntropy", **FEW), train, above.astype(int)) < 1e-9


def test_missing_values_go_where_catboost_sends_them_though_training_had_none() -> None:
    train = numbers(seed=1, missing=False)
    assert compared(catboost.CatBoostRegressor(**FEW), train, score_of(train)) < 1e-14


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"loss_function": "RMSEWithUncertainty"}, "'RMSEWithUncertainty' is not supported; use one of RMSE"),
        ({"loss_function": "LogLinQuantile:alpha=0.5"}, "'LogLinQuantile' is not supported; use one of RMSE"),
    ],
)
def test_what_has_no_exact_form_is_refused_with_another_way(
    train: pd.DataFrame, options: dict[str, Any], reason: str
) -> None:
    model = catboost.CatBoostRegressor(**FEW, **options).fit(train, np.exp(score_of(train) / 3))
    with pytest.raises(ConversionError, match=reason):
        convert(model, schema_for(train))


def test_a_threshold_that_was_moved_is_refused(train: pd.DataFrame) -> None:
    model = catboost.CatBoostClassifier(**FEW).fit(train, score_of(train) > 1)
    model.set_probability_threshold(0.7)
    with pytest.raises(ConversionError, match=r"set_probability_threshold\(\)"):
        convert(model, schema_for(train))
