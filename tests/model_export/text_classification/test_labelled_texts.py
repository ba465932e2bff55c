"""Texts with their labels are read from CSV and JSON, and metrics count exactly right texts and right labels."""

from __future__ import annotations

import pytest

from functions.core.errors import InvalidInputError
from model_export.text_classification.labelled_texts import (
    LabelledText,
    read_labelled_texts,
    require_known_labels,
    score_labels,
)

EXPECTED = [LabelledText("Muy bien, gracias", frozenset({"a"})), LabelledText("Mal", frozenset({"b", "c"}))]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("t.csv", '\ufefftext,label\n"Muy bien, gracias",a\nMal,b|c\n'),
        ("t.json", '[{"text": "Muy bien, gracias", "label": "a"}, {"text": "Mal", "label": ["b", "c"], "id": 7}]'),
    ],
)
def test_a_text_has_one_label_or_several(name: str, body: str) -> None:
    assert read_labelled_texts(body.encode(), name) == EXPECTED


def test_a_text_of_any_length_is_read() -> None:
    long = "x" * 200_000
    assert read_labelled_texts(f"text,label\n{long},a\n".encode(), "t.csv") == [LabelledText(long, frozenset({"a"}))]


@pytest.mark.parametrize(
    ("name", "body", "place"),
    [
        ("t.csv", "texto,label\nBien,a\n", ("t.csv", 0, "text")),
        ("t.json", '[{"text": "Bien"}]', ("t.json", 0, "label")),
        ("t.json", '[{"text": "Bien", "label": [5]}]', ("t.json", 0, "label")),
        ("t.json", "[7]", ("t.json", 0, "text")),
        ("t.json", "{}", ("t.json",)),
        ("t.json", "{", ("t.json",)),
        ("t.csv", "text,label\n", ("t.csv",)),
    ],
)
def test_a_file_without_texts_and_labels_is_refused_with_the_place(
    name: str, body: str, place: tuple[object, ...]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_labelled_texts(body.encode(), name)
    assert refused.value.faults[0].loc == place


def test_a_label_that_the_model_does_not_have_is_refused() -> None:
    require_known_labels(EXPECTED, ("a", "b", "c"), "t.csv")
    with pytest.raises(InvalidInputError, match="label c is none of the model's: a, b"):
        require_known_labels(EXPECTED, ("a", "b"), "t.csv")


def test_accuracy_counts_texts_and_f1_counts_labels() -> None:
    true = [frozenset({"a"}), frozenset({"b", "c"}), frozenset[str]()]
    assert score_labels(true, true) == {"accuracy": 1.0, "f1": 1.0}
    found = score_labels([frozenset({"a"}), frozenset({"b"}), frozenset({"a"})], true)
    assert found == {"accuracy": pytest.approx(1 / 3), "f1": pytest.approx(2 * 2 / 6)}
