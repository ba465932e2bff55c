"""Functions of numpy keep their precision, and others are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

NUMBERS = ["income", "age", "visits"]
TINY = [1e-300, 1e-17, 1e-12, 1e-8, 3e-5, 1e-3, 0.5, 1.0, 7.0, 30.0, 600.0]
POSITIVE = [np.log, np.log2, np.log10, np.log1p, np.sqrt]
ANY = [np.exp, np.expm1, np.square, np.abs, np.negative, np.reciprocal, np.floor, np.ceil, np.rint, np.sign, np.tanh]


@pytest.mark.parametrize("function", [*POSITIVE, *ANY], ids=lambda function: function.__name__)
def test_functions_of_numpy_keep_their_precision_near_zero(parity: Callable[..., None], function: Any) -> None:
    pipeline = Pipeline([("function", FunctionTransformer(function)), ("model", LinearRegression())])
    pipeline.fit(pd.DataFrame({"x": [1.0, 2.0]}), [1.0, 2.0])
    pipeline[-1].coef_, pipeline[-1].intercept_ = np.array([1.0]), 0.0
    signs = [1.0, -1.0] if function in ANY else [1.0]
    parity(pipeline, pd.DataFrame({"x": [sign * value for value in TINY for sign in signs] + [2.5, 1.5]}))


def test_log1p_below_zero(parity: Callable[..., None]) -> None:
    pipeline = Pipeline([("function", FunctionTransformer(np.log1p)), ("model", LinearRegression())])
    pipeline.fit(pd.DataFrame({"x": [1.0, 2.0]}), [1.0, 2.0])
    parity(pipeline, pd.DataFrame({"x": [-0.999999, -0.5, -1e-9, 0.0]}))


@pytest.mark.parametrize(
    ("func", "inverse"), [(np.log, np.exp), (np.log1p, np.expm1), (np.sqrt, np.square), (None, None)]
)
def test_a_transformed_target_is_transformed_back(
    parity: Callable[..., None], table: Any, target: Any, func: Any, inverse: Any
) -> None:
    inner = Pipeline([("scale", StandardScaler()), ("model", HistGradientBoostingRegressor(max_iter=10))])
    model = TransformedTargetRegressor(inner, func=func, inverse_func=inverse)
    parity(model.fit(table()[NUMBERS], np.abs(target(table()))), table(seed=1)[NUMBERS])


def test_a_function_of_ones_own_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    function = FunctionTransformer(np.cbrt)
    pipeline = Pipeline([("root", function), ("model", LinearRegression())]).fit(train, target(table(missing=False)))
    with pytest.raises(ConversionError, match=r"step 'root' .FunctionTransformer.* 'cbrt' is not one of np.exp, "):
        convert(pipeline, schema(train))


def test_a_function_with_arguments_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    function = FunctionTransformer(np.log1p, kw_args={"where": True})
    pipeline = Pipeline([("log", function), ("model", LinearRegression())]).fit(train, target(table(missing=False)))
    with pytest.raises(ConversionError, match="kw_args is not supported"):
        convert(pipeline, schema(train))
