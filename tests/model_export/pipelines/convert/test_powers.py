"""Power transformations, on both sides of 0 and at the powers where their formulas change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PowerTransformer

POWERS = [-3.1, -1.0, 0.0, 1e-17, 1e-9, 0.4, 1.0, 2.0, 2.0 - 1e-9, 3.3]
NEAR_ZERO = [1e-300, 1e-17, 1e-9, 1e-3, 0.5, 1.0, 2.5, 40.0]


def _pipeline(method: Any, power: float, *, standardize: bool) -> Pipeline:
    train = pd.DataFrame({"x": [0.5, 1.0, 2.0, 5.0]})
    step = PowerTransformer(method=method, standardize=standardize)
    pipeline = Pipeline([("power", step), ("model", LinearRegression())]).fit(train, [1.0, 2.0, 3.0, 4.0])
    pipeline[0].lambdas_ = np.array([power])
    pipeline[-1].coef_, pipeline[-1].intercept_ = np.array([1.0]), 0.0
    return pipeline


@pytest.mark.parametrize("power", POWERS)
def test_yeo_johnson_of_any_number(parity: Callable[..., None], power: float) -> None:
    rows = pd.DataFrame({"x": [sign * value for value in NEAR_ZERO for sign in (1.0, -1.0)] + [0.0, -0.0]})
    parity(_pipeline("yeo-johnson", power, standardize=False), rows)


@pytest.mark.parametrize("power", POWERS)
def test_box_cox_of_positive_numbers(parity: Callable[..., None], power: float) -> None:
    parity(_pipeline("box-cox", power, standardize=False), pd.DataFrame({"x": [0.01, 0.9, 1.0, 1.1, 50.0]}))


@pytest.mark.parametrize("method", ["yeo-johnson", "box-cox"])
def test_powers_are_learned_and_scaled_by_column(
    parity: Callable[..., None], table: Any, target: Any, method: Any
) -> None:
    train = table(missing=False)[["income", "age"]]
    steps = [("power", PowerTransformer(method=method)), ("model", LinearRegression())]
    parity(Pipeline(steps).fit(train, target(table(missing=False))), table(seed=1, missing=False)[["income", "age"]])
