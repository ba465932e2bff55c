from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from tests.generated import examples

NUMBERS = ["income", "age", "visits"]


def scaled(model: Any) -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("model", model)])


@pytest.mark.parametrize(
    "model",
    [LinearRegression(), LinearRegression(fit_intercept=False), Ridge(), Lasso(0.01), ElasticNet(0.01)],
    ids=str,
)
def test_linear_regression(parity: Callable[..., None], table: Any, target: Any, model: Any) -> None:
    train = table(missing=False)
    parity(scaled(model).fit(train[NUMBERS], target(train)), table(seed=1, missing=False)[NUMBERS])


@pytest.mark.parametrize("solver", ["liblinear", "lbfgs"])
@pytest.mark.parametrize("labels", [["no", "yes"], [3, 7], [False, True]])
def test_two_classes(parity: Callable[..., None], table: Any, target: Any, solver: str, labels: list[Any]) -> None:
    train = table(missing=False)
    y = np.array(labels)[target(train, classes=2)]
    parity(scaled(LogisticRegression(solver=solver)).fit(train[NUMBERS], y), table(400, seed=1, missing=False)[NUMBERS])


def test_several_classes(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    y = np.array(["baja", "média", "high", "top"])[target(train, classes=4)]
    parity(scaled(LogisticRegression()).fit(train[NUMBERS], y), table(400, seed=1, missing=False)[NUMBERS])


def test_a_score_of_zero_is_the_first_class_and_extreme_scores_stay_probabilities(
    parity: Callable[..., None],
) -> None:
    model = LogisticRegression().fit(pd.DataFrame({"x": [-1.0, 1.0]}), [0, 1])
    model.coef_, model.intercept_ = np.array([[1.0]]), np.array([0.0])
    parity(model, pd.DataFrame({"x": [0.0, -0.0, 5e-324, -800.0, 800.0, 30.0, -30.0]}))


@given(scores=st.lists(st.floats(-700, 700), min_size=1, max_size=20))
@examples(25, share_fixtures=True)
def test_any_score_has_the_same_probability(parity: Callable[..., None], scores: list[float]) -> None:
    model = LogisticRegression().fit(pd.DataFrame({"x": [-1.0, 1.0]}), ["no", "sí"])
    model.coef_, model.intercept_ = np.array([[1.0]]), np.array([0.0])
    parity(model, pd.DataFrame({"x": scores}))


def test_several_targets_are_refused(table: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    model = LinearRegression().fit(train, train[["age", "visits"]])
    with pytest.raises(ConversionError, match="the LinearRegression cannot become ONNX: it predicts several targets"):
        convert(model, schema(train))


def test_a_model_fitted_in_single_precision_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[["visits"]].astype(np.float32)
    model = Ridge().fit(train, target(table(missing=False)).astype(np.float32))
    with pytest.raises(ConversionError, match="fitted on float32 numbers; fit it on float64"):
        convert(model, schema(train))
