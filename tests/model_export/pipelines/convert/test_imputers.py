"""Imputers and indicators of missing numbers and strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from tests.generated import examples

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
@examples(25, share_fixtures=True)
def test_any_number_survives_in_double(parity: Callable[..., None], train: list[float], served: list[float]) -> None:
    pipeline = Pipeline([("impute", SimpleImputer()), ("model", LinearRegression())])
    pipeline.fit(pd.DataFrame({"x": train}), np.arange(len(train)))
    pipeline[-1].coef_ = np.array([1.0])
    parity(pipeline, pd.DataFrame({"x": served}))


@pytest.mark.parametrize(
    "imputer", [SimpleImputer(missing_values=3.0), MissingIndicator(missing_values=3.0, features="all")], ids=str
)
def test_a_number_may_mean_missing(parity: Callable[..., None], table: Any, target: Any, imputer: Any) -> None:
    train = table().fillna({name: 3.0 for name in NUMBERS})
    parity(numbers(imputer).fit(train, target(train)), table(seed=1).fillna({name: 3.0 for name in NUMBERS}))


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent"])
def test_missing_numbers_are_marked_next_to_imputed_ones(
    parity: Callable[..., None], table: Any, target: Any, strategy: str
) -> None:
    """Only for columns that had missing values in training."""
    train = table().assign(age=table(missing=False)["age"])
    pipeline = numbers(SimpleImputer(strategy=strategy, add_indicator=True)).fit(train, target(train))
    parity(pipeline, table(seed=1))


@pytest.mark.parametrize("step", [SimpleImputer(add_indicator=True), MissingIndicator(error_on_new=False)], ids=str)
def test_nothing_is_marked_where_training_missed_nothing(
    parity: Callable[..., None], table: Any, target: Any, step: Any
) -> None:
    train = table(missing=False)
    columns = ColumnTransformer([("cells", step, NUMBERS), ("rest", "passthrough", ["age"])])
    pipeline = Pipeline([("columns", columns), ("model", LinearRegression())]).fit(train, target(train))
    parity(pipeline, table(seed=1, missing=False))


def test_missing_text_marked_next_to_imputed_text_is_refused(table: Any, target: Any, schema: Any) -> None:
    pipeline = strings(SimpleImputer(missing_values=None, strategy="most_frequent", add_indicator=True))
    pipeline.set_params(columns__text__encode__categories="auto")
    with pytest.raises(ConversionError, match=r"SimpleImputer.* use a separate MissingIndicator"):
        convert(pipeline.fit(table(), target(table())), schema(table()))


@pytest.mark.parametrize("columns", [NUMBERS, ["city", "plan"]])
@pytest.mark.parametrize("features", ["all", "missing-only"])
def test_indicators(parity: Callable[..., None], table: Any, target: Any, columns: list[str], features: str) -> None:
    missing = None if "city" in columns else np.nan
    indicator = MissingIndicator(missing_values=missing, features=features, error_on_new=False)
    pipeline = Pipeline([("marked", ColumnTransformer([("cells", indicator, columns)])), ("model", LinearRegression())])
    parity(pipeline.fit(table(), target(table())), table(seed=1))


def test_an_indicator_that_raises_where_training_missed_nothing_is_refused(
    table: Any, target: Any, schema: Any
) -> None:
    train = table().assign(age=table(missing=False)["age"])
    with pytest.raises(ConversionError, match=r"MissingIndicator.* set error_on_new=False"):
        convert(numbers(MissingIndicator()).fit(train, target(train)), schema(train))


def test_nan_among_text_is_missing_as_it_was_in_training(parity: Callable[..., None], table: Any, target: Any) -> None:
    train, served = (one.where(one.notna(), np.nan) for one in (table(), table(seed=1)))
    parity(strings(SimpleImputer(strategy="most_frequent")).fit(train, target(table())), served)


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
def test_a_column_without_any_value_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table().assign(visits=np.nan)
    pipeline = numbers(SimpleImputer()).fit(train, target(train))
    with pytest.raises(ConversionError, match="had no value at all"):
        convert(pipeline, schema(train))


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
def test_fills_of_whole_numbers_are_cut_to_whole_numbers(parity: Callable[..., None], strategy: Any) -> None:
    train = pd.DataFrame({name: [0, 1, 1, 5, 6, 7, 7, 9] for name in NUMBERS})
    pipeline = numbers(SimpleImputer(strategy=strategy)).fit(train, np.arange(8.0))
    parity(pipeline, pd.DataFrame({name: [1.0, np.nan, 4.0, 3.0, 2.0] for name in NUMBERS}))


def test_single_precision_is_refused(schema: Any) -> None:
    train = pd.DataFrame({name: np.arange(10, dtype=np.float32) for name in NUMBERS})
    pipeline = numbers(SimpleImputer()).fit(train, np.arange(10.0))
    with pytest.raises(ConversionError, match="fit it on float64"):
        convert(pipeline, schema(train))
