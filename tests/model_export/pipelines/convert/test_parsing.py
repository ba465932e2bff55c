"""Columns reach the right step, in any order and through any container."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

ENCODER = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
NUMBERS = ["income", "age", "visits"]


def linear(columns: Any) -> Pipeline:
    return Pipeline([("columns", columns), ("model", LinearRegression())])


@pytest.mark.parametrize(
    "transformers",
    [
        [("a", StandardScaler(), ["visits", "income"]), ("b", ENCODER, ["plan"])],
        [("a", StandardScaler(), ["income"]), ("b", "drop", ["visits"]), ("c", ENCODER, ["city", "plan"])],
        [("a", "passthrough", ["visits", "age"]), ("b", ENCODER, ["plan"])],
        [("a", StandardScaler(), [4, 1]), ("b", ENCODER, [2])],
        [("a", StandardScaler(), slice("income", "visits")), ("b", ENCODER, [0])],
        [("a", StandardScaler(), make_column_selector(dtype_include=np.number)), ("b", ENCODER, ["city"])],
        [("a", StandardScaler(), np.array([False, True, False, True, False])), ("b", ENCODER, [])],
        [("a", StandardScaler(), ["age"]), ("again", MinMaxScaler(), ["age"])],
    ],
)
def test_columns_in_any_order_and_by_any_name(
    parity: Callable[..., None], table: Any, target: Any, transformers: Any
) -> None:
    train = table(missing=False)
    parity(linear(ColumnTransformer(transformers)).fit(train, target(train)), table(seed=1, unseen=True, missing=False))


@pytest.mark.parametrize("remainder", ["passthrough", MinMaxScaler()])
def test_remainder(parity: Callable[..., None], table: Any, target: Any, remainder: Any) -> None:
    columns = ColumnTransformer([("text", ENCODER, ["plan", "city"])], remainder=remainder)
    train = table(missing=False)
    parity(linear(columns).fit(train, target(train)), table(seed=1, unseen=True, missing=False))


def test_a_second_transformer_takes_columns_of_the_first_out_of_order(
    parity: Callable[..., None], table: Any, target: Any
) -> None:
    first = ColumnTransformer(
        [
            ("numbers", SimpleImputer(), NUMBERS),
            ("text", SimpleImputer(missing_values=None, strategy="most_frequent"), ["city", "plan"]),
        ]
    )
    second = ColumnTransformer(
        [("swap", StandardScaler(), [2, 0]), ("plan", ENCODER, [4]), ("age", "passthrough", [1])]
    )
    train = table()
    steps = [("first", first), ("second", second), ("model", LinearRegression())]
    parity(Pipeline(steps).fit(train, target(train)), table(seed=1, unseen=True))


def test_permuted_columns_of_one_tensor_are_not_taken_for_the_tensor(
    parity: Callable[..., None], table: Any, target: Any
) -> None:
    swap = ColumnTransformer([("all", MinMaxScaler(), [2, 1, 0])])
    steps = [("scale", StandardScaler()), ("swap", swap), ("model", LinearRegression())]
    train = table(missing=False)
    parity(Pipeline(steps).fit(train[NUMBERS], target(train)), table(seed=1, missing=False)[NUMBERS])


def test_union_and_passthrough_steps(parity: Callable[..., None], table: Any, target: Any) -> None:
    union = FeatureUnion(
        [("scaled", StandardScaler()), ("same", "passthrough"), ("none", "drop"), ("unit", MinMaxScaler())]
    )
    steps = [
        ("nothing", "passthrough"),
        ("union", union),
        ("identity", FunctionTransformer()),
        ("model", LinearRegression()),
    ]
    train = table(missing=False)
    parity(Pipeline(steps).fit(train[NUMBERS], target(train)), table(seed=1, missing=False)[NUMBERS])


def test_pipelines_within_columns_within_a_pipeline(parity: Callable[..., None], table: Any, target: Any) -> None:
    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    numbers = Pipeline([("impute", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    text = Pipeline(
        [("impute", SimpleImputer(missing_values=None, strategy="constant", fill_value="—")), ("code", ordinal)]
    )
    columns = ColumnTransformer([("text", text, ["city", "plan"]), ("numbers", numbers, NUMBERS)])
    pipeline = Pipeline([("columns", columns), ("model", HistGradientBoostingRegressor(max_iter=15))])
    parity(pipeline.fit(table(), target(table())), table(seed=1, unseen=True))


def test_a_passthrough_first_step_keeps_the_order_of_training(
    parity: Callable[..., None], table: Any, target: Any, schema: Any
) -> None:
    train = table(missing=False)
    pipeline = Pipeline([("nothing", "passthrough"), ("model", LinearRegression())])
    pipeline.fit(train[NUMBERS], target(train))
    parity(pipeline, train[NUMBERS], schema=schema(train[["visits", "income", "age"]]))


def test_column_names_that_are_no_identifiers(parity: Callable[..., None]) -> None:
    names = ["strings", "numbers", "variable", "année / km²", "0", "a-b"]
    train = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 6)), columns=names)
    parity(linear(StandardScaler()).fit(train, train.sum(axis=1) ** 2), train)


def test_text_into_a_step_for_numbers_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = pd.DataFrame({"code": ["1", "2"] * 5}, dtype=object)
    pipeline = linear(ColumnTransformer([("scale", StandardScaler(), ["code"])])).fit(train, np.arange(10))
    with pytest.raises(ConversionError, match=r"step 'columns__scale' .StandardScaler.* it gets text; encode"):
        convert(pipeline, schema(train))


def test_weights_of_transformers(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    parts = [("a", StandardScaler(), ["age", "income"]), ("b", OneHotEncoder(handle_unknown="ignore"), ["city"])]
    columns = ColumnTransformer(parts, transformer_weights={"a": 2.0, "b": 0.25})
    union = FeatureUnion([("columns", columns), ("same", columns)], transformer_weights={"same": -3.0})
    parity(linear(union).fit(train, target(train)), table(seed=1, missing=False))
