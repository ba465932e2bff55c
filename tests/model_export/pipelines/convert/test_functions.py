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
PERIODIC = [np.sin, np.cos, np.tan, np.cbrt, np.exp2, np.deg2rad, np.rad2deg, np.nan_to_num]
ANY = [np.exp, np.expm1, np.square, np.abs, np.negative, np.reciprocal, np.floor, np.ceil, np.rint, np.sign, np.tanh]


@pytest.mark.parametrize("function", [*POSITIVE, *ANY, *PERIODIC], ids=lambda function: function.__name__)
def test_functions_of_numpy_keep_their_precision_near_zero(parity: Callable[..., None], function: Any) -> None:
    pipeline = Pipeline([("function", FunctionTransformer(function)), ("model", LinearRegression())])
    pipeline.fit(pd.DataFrame({"x": [1.0, 2.0]}), [1.0, 2.0])
    pipeline[-1].coef_, pipeline[-1].intercept_ = np.array([1.0]), 0.0
    signs = [1.0, -1.0] if function not in POSITIVE else [1.0]
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
    function = FunctionTransformer(np.spacing)
    pipeline = Pipeline([("root", function), ("model", LinearRegression())]).fit(train, target(table(missing=False)))
    with pytest.raises(ConversionError, match=r"step 'root' .FunctionTransformer.* 'spacing' is not one of np.exp, "):
        convert(pipeline, schema(train))


def test_a_function_with_arguments_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    function = FunctionTransformer(np.log1p, kw_args={"where": True})
    pipeline = Pipeline([("log", function), ("model", LinearRegression())]).fit(train, target(table(missing=False)))
    with pytest.raises(ConversionError, match=r"kw_args is supported for np\.clip, np\.nan_to_num only"):
        convert(pipeline, schema(train))


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (np.clip, {"a_min": -1.0, "a_max": 2.0}),
        (np.clip, {"min": 0.5}),
        (np.clip, {"a_min": None, "a_max": 0.0}),
        (np.nan_to_num, {"nan": 4.0}),
    ],
)
def test_functions_with_arguments(parity: Callable[..., None], function: Any, arguments: dict[str, Any]) -> None:
    pipeline = Pipeline([("f", FunctionTransformer(function, kw_args=arguments)), ("model", LinearRegression())])
    pipeline.fit(pd.DataFrame({"x": [1.0, 2.0]}), [1.0, 2.0])
    pipeline[-1].coef_, pipeline[-1].intercept_ = np.array([1.0]), 0.0
    missing = [np.nan] if function is np.nan_to_num else []
    parity(pipeline, pd.DataFrame({"x": [-7.5, -1.0, 0.0, 0.25, 2.0, 9.0, *missing]}))


@pytest.mark.parametrize(
    ("function", "arguments", "reason"),
    [
        (np.clip, {"a_min": 0.0, "a_max": 1.0, "dtype": float}, r"np.clip cannot be \['dtype'\]"),
        (np.clip, {"a_min": np.array([0.0, 1.0, 2.0]), "a_max": 5.0}, "should be single numbers"),
    ],
)
def test_other_arguments_are_refused(
    table: Any, target: Any, schema: Any, function: Any, arguments: dict[str, Any], reason: str
) -> None:
    train = table(missing=False)[NUMBERS]
    step = FunctionTransformer(function, kw_args=arguments)
    pipeline = Pipeline([("f", step), ("model", LinearRegression())]).fit(train, target(table(missing=False)))
    with pytest.raises(ConversionError, match=reason):
        convert(pipeline, schema(train))
