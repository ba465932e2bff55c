"""Texts with their labels are read from CSV and JSON, and metrics count exactly right texts and right labels."""

from __future__ import annotations

import pytest

from functions.core.errors import InvalidInputError
from model_export.text_classification.labelled_texts import (
    LabelledText,
    read_labelled_texts,
    require_known_labels,
    require_one_label,
    score_labels,
)

EXPECTED = [LabelledText("Muy bien, gracias", frozenset({"a"})), LabelledText("Mal", frozenset({"b", "c"}))]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("t.csv", '\ufefftext,label\n"Muy bien, gracias",a\nMal,b|c\n'),
        ("T.JSON", '[{"text": "Muy bien, gracias", "label": "a"}, {"text": "Mal", "label": ["b", "c"], "id": 7}]'),
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
        ("t.csv", "label,text\na\n", ("t.csv", 0, "text")),
        ("t.csv", "", ("t.csv",)),
        ("t.json", r'[{"text": "\ud83c", "label": "a"}]', ("t.json", 0, "text")),
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


@pytest.mark.parametrize(
    ("name", "body", "absent", "line"),
    [
        ("t.csv", "texto,label\nBien,a\n", "text", "texto,label"),
        ("t.csv", "text;label\nBien;a\n", "text and no column label", "text;label"),
        ("t.jsonl", '{"text": 1}\n', "text and no column label", r"{\"text\": 1}"),
    ],
)
def test_a_file_without_the_columns_is_refused_once_by_their_names(
    name: str, body: str, absent: str, line: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_labelled_texts(body.encode(), name)
    [fault] = refused.value.faults
    assert fault.loc == (name,)
    assert fault.msg == (
        f'has no column {absent} in its first line, "{line}": divide columns by commas (a file is CSV unless its name '
        "ends with .json)"
    )


def test_where_a_model_gives_one_label_no_text_has_none_or_several() -> None:
    one = LabelledText("x", frozenset({"a"}))
    require_one_label([one], "t.csv")
    with pytest.raises(InvalidInputError) as refused:
        require_one_label([one, LabelledText("y", frozenset()), LabelledText("z", frozenset({"b", "a"}))], "t.csv")
    assert [(fault.loc, fault.msg.rpartition("not ")[2]) for fault in refused.value.faults] == [
        (("t.csv", 1, "label"), "none"),
        (("t.csv", 2, "label"), "a, b"),
    ]


def test_a_label_that_the_model_does_not_have_is_refused() -> None:
    require_known_labels(EXPECTED, ("a", "b", "c"), "t.csv")
    with pytest.raises(InvalidInputError, match="label c is none of the model's: a, b"):
        require_known_labels(EXPECTED, ("a", "b"), "t.csv")


def test_accuracy_counts_texts_and_f1_counts_labels() -> None:
    true = [frozenset({"a"}), frozenset({"b", "c"}), frozenset[str]()]
    assert score_labels(true, true) == {"accuracy": 1.0, "f1": 1.0}
    found = score_labels([frozenset({"a"}), frozenset({"b"}), frozenset({"a"})], true)
    assert found == {"accuracy": pytest.approx(1 / 3), "f1": pytest.approx(2 * 2 / 6)}
