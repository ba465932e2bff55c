"""Shares of training values, where these repeat too, and normal numbers in the tails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import QuantileTransformer

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize("output_distribution", ["uniform", "normal"])
@pytest.mark.parametrize("quantiles", [2, 17, 200])
def test_shares_of_training_values(
    parity: Callable[..., None], table: Any, target: Any, output_distribution: Any, quantiles: int
) -> None:
    train = table(missing=False)
    step = QuantileTransformer(n_quantiles=quantiles, output_distribution=output_distribution)
    pipeline = Pipeline([("shares", step), ("model", LinearRegression())]).fit(train[NUMBERS], target(train))
    pipeline[-1].coef_ = np.array([1.0, 2.0, 4.0])
    ends = [extreme(train[name]) for name in NUMBERS for extreme in (min, max)]
    odd = [value for end in ends for value in (end, end - 1e-8, end + 1e-8, end - 1.0, end + 1.0)] + [-1e300, 1e300]
    rows = pd.DataFrame({name: odd for name in NUMBERS})
    parity(pipeline, pd.concat([table(seed=1, missing=False)[NUMBERS], train[NUMBERS], rows], ignore_index=True))


def test_normal_numbers_from_tail_to_tail(parity: Callable[..., None]) -> None:
    x = np.linspace(0.0, 1.0, 101)
    step = QuantileTransformer(n_quantiles=101, output_distribution="normal")
    pipeline = Pipeline([("shares", step), ("model", LinearRegression())]).fit(pd.DataFrame({"x": x}), x)
    pipeline[-1].coef_, pipeline[-1].intercept_ = np.array([1.0]), 0.0
    shares = [1e-9, 2e-7, 1e-5, 0.01, 0.0749, 0.075, 0.0751, 0.3, 0.5, 0.7, 0.925, 0.9251, 0.999, 1 - 1e-6]
    parity(pipeline, pd.DataFrame({"x": shares}))
