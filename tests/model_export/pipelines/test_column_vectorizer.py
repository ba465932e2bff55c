"""DictVectorizer from columns: the same vocabulary in the same order, and the same matrix to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import make_pipeline

from functions.core.schema import Feature, Schema, Table, row_count
from model_export.pipelines import column_vectorizer
from model_export.pipelines.column_vectorizer import fit_transform_columns
from model_export.pipelines.pipeline_input import pipeline_input

TARGET = Feature("y", "integer")
NAMES = ["a", "b", "a=", "ab", "é", "Z z", "=", "a=x=b"]
TEXTS = ["x", "y", "", "x=b", "ñ", "X", " ", "1"]
VALUES = {
    "string": st.sampled_from(TEXTS),
    "integer": st.integers(-(2**53), 2**53) | st.integers(-2, 2),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 0.0, -0.0, 3]),
    "boolean": st.booleans(),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[Schema, Table]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    rows = draw(st.integers(1, 12))
    features = [
        Feature(name, draw(st.sampled_from(["string", "integer", "number", "boolean"])), nullable=True)  # type: ignore[arg-type]
        for name in names
    ]
    table = {one.name: draw(st.lists(VALUES[one.type] | st.none(), min_size=rows, max_size=rows)) for one in features}
    return Schema(tuple(features), TARGET), table


def on_rows(vectorizer: DictVectorizer, table: Table, schema: Schema) -> Any:
    return vectorizer.fit_transform(pipeline_input(make_pipeline(vectorizer), table, schema))


def assert_same(found: Any, expected: Any) -> None:
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert found.flags.c_contiguous
        assert (found.dtype, found.shape, found.tobytes()) == (expected.dtype, expected.shape, expected.tobytes())
        return
    assert found.shape == expected.shape
    for part in ("data", "indices", "indptr"):
        one, other = getattr(found, part), getattr(expected, part)
        assert (part, one.dtype, one.tobytes()) == (part, other.dtype, other.tobytes())


@given(tables(), st.booleans(), st.booleans(), st.sampled_from(["=", "", "=="]))
def test_columns_give_what_their_rows_give(
    made: tuple[Schema, Table], sparse: bool, sort: bool, separator: str
) -> None:
    schema, table = made
    ours, theirs = (DictVectorizer(sparse=sparse, sort=sort, separator=separator) for _ in range(2))
    expected, found = on_rows(theirs, table, schema), fit_transform_columns(ours, table, schema)
    if found is None:
        assert not hasattr(ours, "vocabulary_")
        return
    assert ours.feature_names_ == theirs.feature_names_
    # in the same order too, so that the joblib has the same bytes
    assert list(ours.vocabulary_.items()) == list(theirs.vocabulary_.items())
    assert_same(found, expected)


def test_chunks_of_rows_make_one_sparse_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_vectorizer, "CHUNK_ROWS", 3)
    schema = Schema((Feature("b", "string", nullable=True), Feature("a", "number")), TARGET)
    table: Table = {"b": ["x", None, "y", "x", "z", None, "y", "q"], "a": [0.5, 1, 0, 2, 3, 4, 5, 6]}
    assert_same(fit_transform_columns(DictVectorizer(), table, schema), on_rows(DictVectorizer(), table, schema))


@pytest.mark.parametrize("interface", ["spmatrix", "sparray"])
def test_the_class_of_a_sparse_matrix_is_the_one_that_is_set(interface: str) -> None:
    schema, table = Schema((Feature("a", "string"),), TARGET), {"a": ["x", "y"]}
    with sklearn.config_context(sparse_interface=interface):
        found, expected = (
            fit_transform_columns(DictVectorizer(), table, schema),
            on_rows(DictVectorizer(), table, schema),
        )
    assert_same(found, expected)


@pytest.mark.parametrize(
    "vectorizer",
    [
        pytest.param(type("Own", (DictVectorizer,), {})(), id="a class of its own"),
        pytest.param(DictVectorizer(dtype=np.float32), id="float32"),
        pytest.param(DictVectorizer(separator=1), id="a separator that scikit-learn refuses"),
    ],
)
def test_another_vectorizer_is_left_to_its_rows(vectorizer: DictVectorizer) -> None:
    table: Table = {"a": [1, 2]}
    assert fit_transform_columns(vectorizer, table, Schema((Feature("a", "integer"),), TARGET)) is None
    assert not hasattr(vectorizer, "vocabulary_")


def test_features_that_share_an_entry_are_left_to_their_rows() -> None:
    schema = Schema((Feature("a", "string"), Feature("a=x", "integer")), TARGET)
    table: Table = {"a": ["x", "y"], "a=x": [1, 2]}
    assert row_count(table) == 2
    assert fit_transform_columns(DictVectorizer(), table, schema) is None


def test_rows_without_any_value_are_left_to_scikit_learn() -> None:
    schema = Schema((Feature("a", "string", nullable=True),), TARGET)
    assert fit_transform_columns(DictVectorizer(), {"a": [None, None]}, schema) is None
