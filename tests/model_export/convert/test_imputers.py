from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from functions.core.errors import ConversionError
from model_export.convert import convert

NUMBERS = ["income", "age", "visits"]


def numbers(imputer: Any) -> Pipeline:
    columns = ColumnTransformer([("numbers", imputer, NUMBERS)])
    return Pipeline([("impute", columns), ("model", LinearRegression())])


def strings(imputer: Any) -> Pipeline:
    filled = Pipeline([("impute", imputer), ("encode", OneHotEncoder(handle_unknown="ignore"))])
    return Pipeline(
        [("columns", ColumnTransformer([("text", filled, ["plan", "city"])])), ("model", LinearRegression())]
    )


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_numbers_are_filled(parity: Callable[..., None], table: Any, target: Any, strategy: str) -> None:
    parity(numbers(SimpleImputer(strategy=strategy)).fit(table(), target(table())), table(seed=1))


@pytest.mark.parametrize(
    "imputer",
    [
        SimpleImputer(missing_values=None, strategy="most_frequent"),
        SimpleImputer(missing_values=None, strategy="constant", fill_value="ninguna"),
        SimpleImputer(missing_values="basic", strategy="constant", fill_value="ninguna"),
    ],
)
def test_strings_are_filled(parity: Callable[..., None], table: Any, target: Any, imputer: Any) -> None:
    parity(strings(imputer).fit(table(), target(table())), table(seed=1, unseen=True))


@given(
    train=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8),
    served=st.lists(st.one_of(st.floats(-1e9, 1e9), st.just(float("nan"))), min_size=1, max_size=8),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_number_survives_in_double(parity: Callable[..., None], train: list[float], served: list[float]) -> None:
    pipeline = Pipeline([("impute", SimpleImputer()), ("model", LinearRegression())])
    pipeline.fit(pd.DataFrame({"x": train}), np.arange(len(train)))
    pipeline[-1].coef_ = np.array([1.0])
    parity(pipeline, pd.DataFrame({"x": served}))


@pytest.mark.parametrize(
    ("imputer", "reason"),
    [
        (SimpleImputer(add_indicator=True), "add_indicator"),
        (SimpleImputer(missing_values=3.0), "set missing_values=np.nan"),
    ],
)
def test_other_missing_numbers_are_refused(table: Any, target: Any, schema: Any, imputer: Any, reason: str) -> None:
    train = table().fillna({name: 1.0 for name in NUMBERS}) if imputer.missing_values == 3.0 else table()
    pipeline = numbers(imputer).fit(train, target(train))
    with pytest.raises(ConversionError, match=rf"step 'impute__numbers' .SimpleImputer.*{reason}"):
        convert(pipeline, schema(train))


def test_nan_as_missing_string_is_refused_because_none_would_stay(table: Any, target: Any, schema: Any) -> None:
    pipeline = strings(SimpleImputer(strategy="most_frequent")).fit(table(), target(table()))
    with pytest.raises(ConversionError, match=r"columns__text__impute.*set missing_values=None"):
        convert(pipeline, schema(table()))


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
def test_a_column_without_any_value_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table().assign(visits=np.nan)
    pipeline = numbers(SimpleImputer()).fit(train, target(train))
    with pytest.raises(ConversionError, match="had no value at all"):
        convert(pipeline, schema(train))


def test_whole_numbers_in_training_are_refused_because_fills_would_be_cut(schema: Any) -> None:
    train = pd.DataFrame({name: np.arange(10) for name in NUMBERS})
    pipeline = numbers(SimpleImputer(strategy="most_frequent")).fit(train, np.arange(10.0))
    with pytest.raises(ConversionError, match="fit it on float64"):
        convert(pipeline, schema(train))
