"""Scalers equal scikit-learn beyond the range of training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        StandardScaler(with_mean=False, with_std=False),
        MinMaxScaler(),
        MinMaxScaler(feature_range=(-2, 3), clip=True),
        MaxAbsScaler(),
        MaxAbsScaler(clip=True),
        RobustScaler(),
        RobustScaler(with_centering=False),
        RobustScaler(with_scaling=False),
    ],
    ids=str,
)
def test_scaling_is_exact_beyond_the_range_of_training(
    parity: Callable[..., None], table: Any, target: Any, scaler: Any
) -> None:
    train = table(missing=False)
    numbers = train[["income", "age", "visits"]].assign(constant=3.0)
    pipeline = Pipeline([("scale", scaler), ("model", LinearRegression())]).fit(numbers, target(train))
    served = table(seed=1, missing=False)[["income", "age", "visits"]].assign(constant=7.0) * 3.0 - 10.0
    parity(pipeline, served)


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler(), MaxAbsScaler(), RobustScaler()], ids=str)
def test_the_scale_of_a_lone_column_stays_double(
    parity: Callable[..., None], table: Any, target: Any, scaler: Any
) -> None:
    train = table(missing=False)
    pipeline = Pipeline([("scale", scaler), ("model", LinearRegression())]).fit(train[["income"]], target(train))
    pipeline[-1].intercept_ = 0.0
    parity(pipeline, table(seed=1, missing=False)[["income"]])
