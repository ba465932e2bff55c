"""DictVectorizer over instances of any kind, and vocabularies that are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

from functions.core.errors import ConversionError
from functions.core.schema import Schema
from model_export.pipelines.convert import convert
from tests.generated import examples


def vectorized(model: Any, **options: Any) -> Pipeline:
    return Pipeline([("vectorizer", DictVectorizer(sparse=False, **options)), ("model", model)])


@pytest.mark.parametrize("sort", [True, False])
def test_instances_with_unseen_values(
    parity: Callable[..., None], instances: Any, table: Any, target: Any, sort: bool
) -> None:
    train = table(missing=False)
    pipeline = vectorized(LogisticRegression(solver="liblinear"), sort=sort)
    pipeline.fit(instances(train), target(train, classes=2))
    parity(pipeline, table(seed=1, unseen=True, missing=False), dicts=True)


def test_missing_numbers_and_strings_are_zeros(
    parity: Callable[..., None], instances: Any, table: Any, target: Any
) -> None:
    train = table(missing=False)
    pipeline = vectorized(HistGradientBoostingRegressor(max_iter=10)).fit(instances(train), target(train))
    parity(pipeline, table(seed=1), dicts=True)


@pytest.mark.parametrize("columns", [["city", "plan"], ["visits", "age"]])
def test_instances_of_one_kind(
    parity: Callable[..., None], instances: Any, table: Any, target: Any, columns: list[str]
) -> None:
    train = table(missing=False)
    pipeline = vectorized(LinearRegression()).fit(instances(train[columns]), target(train))
    parity(pipeline, table(seed=1, unseen=True, missing=False)[columns], dicts=True)


def test_the_order_of_the_schema_does_not_matter(
    parity: Callable[..., None], instances: Any, table: Any, target: Any, schema: Any
) -> None:
    train = table(missing=False)
    pipeline = vectorized(LinearRegression()).fit(instances(train), target(train))
    served = table(seed=1, unseen=True, missing=False)
    parity(pipeline, served, schema=schema(served[["visits", "plan", "income", "city", "age"]]), dicts=True)


NAMES = st.sampled_from(["a", "b=c", "á", " "])


@given(rows=st.lists(st.tuples(NAMES, st.floats(-9, 9), NAMES), min_size=2, max_size=10))
@examples(25, share_fixtures=True)
def test_any_instances_vectorize_alike(parity: Callable[..., None], instances: Any, rows: list[Any]) -> None:
    served = pd.DataFrame(
        {
            "first": pd.Series([row[0] for row in rows], dtype=object),
            "number": [row[1] for row in rows],
            "second": pd.Series([row[2] for row in rows], dtype=object),
        }
    )
    pipeline = vectorized(LinearRegression()).fit(instances(served[: len(served) // 2]), np.arange(len(served) // 2))
    parity(pipeline, served, dicts=True)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (["city", "plan", "age", "income"], "'visits' of its vocabulary is no feature of the schema"),
        (["city", "age", "income", "visits"], "'plan=.*' of its vocabulary is no feature of the schema"),
    ],
)
def test_a_vocabulary_that_the_schema_lacks_is_refused(
    instances: Any, table: Any, target: Any, schema: Any, columns: list[str], reason: str
) -> None:
    train = table(missing=False)
    pipeline = vectorized(LinearRegression()).fit(instances(train), target(train))
    with pytest.raises(ConversionError, match=rf"step 'vectorizer' .DictVectorizer. cannot become ONNX: {reason}"):
        convert(pipeline, schema(train[columns]))


def test_none_for_a_string_in_training_are_refused(instances: Any, table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    rows = [{**row, "city": None if number == 7 else row["city"]} for number, row in enumerate(instances(train))]
    pipeline = vectorized(HistGradientBoostingRegressor(max_iter=2)).fit(rows, target(train))
    with pytest.raises(ConversionError, match="'city' is text and was None in training"):
        convert(pipeline, schema(train))


def test_an_entry_of_two_possible_features_is_refused(instances: Any, schema: Callable[[pd.DataFrame], Schema]) -> None:
    train = pd.DataFrame({"a": ["b=c", "d"] * 5, "a=b": ["c", "e"] * 5}, dtype=object)
    pipeline = vectorized(LinearRegression()).fit(instances(train), np.arange(10))
    with pytest.raises(ConversionError, match="'a=b=c' of its vocabulary may come from several features"):
        convert(pipeline, schema(train))


def test_single_precision_is_refused(instances: Any, table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    pipeline = vectorized(HistGradientBoostingRegressor(max_iter=2), dtype=np.float32)
    with pytest.raises(ConversionError, match=r"set dtype=np\.float64"):
        convert(pipeline.fit(instances(train), target(train)), schema(train))


def test_anywhere_but_first_is_refused(instances: Any, table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    columns = ColumnTransformer([("words", DictVectorizer(), "record"), ("rest", "passthrough", ["age"])])
    nested = Pipeline([("columns", columns), ("model", LinearRegression())])
    nested.fit(train.assign(record=pd.Series(instances(train[["city"]]), dtype=object)), target(train))
    with pytest.raises(ConversionError, match=r"step 'columns__words' .* make it the first step"):
        convert(nested, schema(train))
