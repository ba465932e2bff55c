"""Text columns of a table as dense terms, and files that cannot be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

from functions.core.errors import DamagedVersionError
from functions.predictors.text.columns import TextColumn, TextColumns, terms_input, text_columns_json
from model_export.pipelines.convert.vectorizers import vectorizer_of

TITLES = ["red apple", "green apple tree", "blue sea", "", "sea of red cars"]
BODIES = ["one two two", "three", "", "two", "one"]
TABLE: dict[str, Any] = {"title": TITLES, "price": [1.0, 2.0, 3.0, 4.0, 5.0], "body": BODIES}


@pytest.fixture
def vectorizers() -> list[tuple[str, Any]]:
    return [("title", TfidfVectorizer().fit(TITLES)), ("body", CountVectorizer().fit(BODIES))]


@pytest.fixture
def body(vectorizers: list[tuple[str, Any]]) -> bytes:
    return text_columns_json([TextColumn(name, vectorizer_of(step, ())) for name, step in vectorizers])


def test_terms_of_a_table_are_those_of_scikit_learn(vectorizers: list[tuple[str, Any]], body: bytes) -> None:
    columns = TextColumns(body)
    terms = columns.inputs(TABLE)
    assert columns.width == sum(found.shape[1] for found in terms.values())
    for place, (name, step) in enumerate(vectorizers):
        found = terms[terms_input(place)]
        np.testing.assert_allclose(found, step.transform(TABLE[name]).toarray(), rtol=1e-15)
        assert found.dtype == np.float64


def test_a_hashing_vectorizer_next_to_another_has_its_terms_too() -> None:
    steps = [("title", HashingVectorizer(n_features=7)), ("body", CountVectorizer().fit(BODIES))]
    written = text_columns_json([TextColumn(name, vectorizer_of(step, ())) for name, step in steps])
    assert orjson.loads(written)["format_version"] == 2
    terms = TextColumns(written).inputs(TABLE)
    for place, (name, step) in enumerate(steps):
        np.testing.assert_allclose(terms[terms_input(place)], step.transform(TABLE[name]).toarray(), rtol=1e-15)


def test_files_without_hashes_are_written_as_before(body: bytes) -> None:
    document = orjson.loads(body)
    assert document["format_version"] == 1
    assert "hashing" not in document["columns"][0]["vectorizer"]


def test_a_table_of_no_rows_has_terms_of_no_rows(body: bytes) -> None:
    terms = TextColumns(body).inputs({name: [] for name in TABLE})
    assert [terms[terms_input(place)].shape[0] for place in range(2)] == [0, 0]


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"{", "text_columns.json cannot be read"),
        (b"[]", "text_columns.json cannot be read"),
        (
            orjson.dumps({"format_version": 3, "columns": []}),
            "format version 3, this Despliegue reads 1 and 2: install a newer",
        ),
        (orjson.dumps({"format_version": 1, "columns": [{"feature": 3}]}), "text_columns.json cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_damage(damaged: bytes, reason: str) -> None:
    with pytest.raises(DamagedVersionError, match=reason):
        TextColumns(damaged)
