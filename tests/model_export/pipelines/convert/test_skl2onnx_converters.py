"""Converters of skl2onnx that are used as they are, each one verified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_regression
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from model_export.pipelines.convert.skl2onnx_converters import STOCK

NUMBERS = ["income", "age", "visits"]
VERIFIED = [
    VarianceThreshold(0.1),
    SelectKBest(f_regression, k=2),
]


@pytest.mark.parametrize("transformer", VERIFIED, ids=lambda transformer: type(transformer).__name__)
def test_skl2onnx_converts_exactly_in_double(
    parity: Callable[..., None], table: Any, target: Any, transformer: Any
) -> None:
    train = table(missing=False)
    pipeline = Pipeline([("scale", StandardScaler()), ("stock", transformer), ("model", LinearRegression())])
    pipeline.fit(train[NUMBERS], target(train))
    parity(pipeline, table(seed=1, missing=False)[NUMBERS])


def test_every_class_of_the_list_is_verified_here() -> None:
    assert {type(one) for one in VERIFIED} == set(STOCK)
