"""Files of questions, in each form that they have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import InvalidInputError
from model_export.question_answering.squad import Question, TrueAnswer, read_questions, read_records

CONTEXT = "La beca paga el abono."
PAID = {"id": "a1", "question": "¿Qué paga?", "answers": [{"text": "el abono", "answer_start": 13}]}
IMPOSSIBLE = {
    "id": "a2",
    "question": "¿Cuándo?",
    "is_impossible": True,
    "answers": [],
    "plausible_answers": [{"text": "La beca", "answer_start": 0}],
}
EXPECTED = [
    Question("a1", "¿Qué paga?", CONTEXT, (TrueAnswer("el abono", 13),)),
    Question("a2", "¿Cuándo?", CONTEXT),
]


def squad(*qas: Any) -> dict[str, Any]:
    return {"version": "v2.0", "data": [{"title": "Becas", "paragraphs": [{"context": CONTEXT, "qas": list(qas)}]}]}


def read(document: Any) -> list[Question]:
    return read_questions(json.dumps(document).encode(), "test.json")


def test_squad() -> None:
    assert read(squad(PAID, IMPOSSIBLE)) == EXPECTED


def test_the_list_form_of_simple_transformers() -> None:
    empty = {"id": "a2", "question": "¿Cuándo?", "is_impossible": True, "answers": [{"text": "", "answer_start": 0}]}
    assert read([{"context": CONTEXT, "qas": [PAID, empty]}]) == EXPECTED


def test_an_empty_answer_is_none_even_where_nothing_says_impossible() -> None:
    assert read(squad({**PAID, "answers": [{"text": "", "answer_start": 0}]}))[0].answers == ()


def test_squad_1_has_neither_versions_nor_impossible_questions() -> None:
    document = squad(PAID)
    del document["version"]
    assert read(document) == EXPECTED[:1]


def test_questions_without_an_id_have_their_place() -> None:
    bare = {key: value for key, value in PAID.items() if key != "id"}
    assert [one.id for one in read([{"context": CONTEXT, "qas": [bare, bare]}])] == ["0.qas.0", "0.qas.1"]
    assert read(squad(bare))[0].id == "data.0.paragraphs.0.qas.0"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "test.json: is neither SQuAD"),
        (3, "test.json: is neither SQuAD"),
        ([], "test.json: holds no question"),
        ({"data": {}}, "test.json.data: must be a list"),
        ({"data": [{}]}, "test.json.data.0.paragraphs: must be a list"),
        ([{"context": "a"}], "test.json.0.qas: must be a list"),
        ([{"qas": [PAID]}], "test.json.0.context: must be a text (question a1)"),
        ([{"context": "a", "qas": [{"answers": []}]}], "test.json.0.qas.0.question: must be a text"),
        ([{"context": "a", "qas": [{"question": "b"}]}], "test.json.0.qas.0.answers: must be a list"),
        ([{"context": "a", "qas": [7]}], "test.json.0.qas.0.question: must be a text"),
        (squad({**PAID, "answers": [{"text": 1, "answer_start": 0}]}), "answers.0.text: must be a text"),
        (squad({**PAID, "answers": [{"text": "a", "answer_start": "0"}]}), "must be a whole number, not '0'"),
        (squad({**PAID, "answers": [{"text": "a", "answer_start": True}]}), "must be a whole number, not True"),
        (squad({**PAID, "answers": [7]}), "qas.0.answers.0.text: must be a text (question a1)"),
        (squad({**PAID, "id": ["a1"]}), "qas.0.id: must be a text or a whole number, not ['a1']"),
        (squad({**PAID, "id": ""}), "qas.0.id: must be a text or a whole number, not ''"),
        (squad({**PAID, "is_impossible": "no"}), "is_impossible: must be true or false, not 'no' (question a1)"),
        (squad({**PAID, "is_impossible": None}), "is_impossible: must be true or false, not None (question a1)"),
        (squad({**PAID, "is_impossible": 1}), "is_impossible: must be true or false, not 1 (question a1)"),
        (squad({**IMPOSSIBLE, "is_impossible": 0}), "is_impossible: must be true or false, not 0 (question a2)"),
        (squad({**IMPOSSIBLE, "answers": None}), "qas.0.answers: must be a list (question a2)"),
        (squad({**PAID, "answers": None}), "qas.0.answers: must be a list (question a1)"),
        (squad({**PAID, "answers": [{"text": "a", "answer_start": 1.5}]}), "must be a whole number, not 1.5"),
        (squad({**PAID, "answers": [{"text": "a", "answer_start": "1_0"}]}), "must be a whole number, not '1_0'"),
        (squad({**PAID, "answers": [{"text": "a", "answer_start": None}]}), "must be a whole number, not None"),
        (squad({**PAID, "question": "\ud83d"}), "qas.0.question: holds half a character"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(document: Any, message: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read(document)
    assert message in str(raised.value)


def test_no_json_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"test\.json: is not JSON"):
        read_questions(b"\xff{", "test.json")


def test_a_document_deeper_than_python_goes_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"test\.json: is not JSON"):
        read_questions(b"[" * 100_000, "test.json")


def test_every_question_that_cannot_be_read_is_reported_and_the_others_are_kept() -> None:
    document = [
        {"context": CONTEXT, "qas": [PAID, {**PAID, "id": 7, "question": None}]},
        {"context": None, "qas": [PAID]},
    ]
    reading = read_records(json.dumps(document).encode(), "test.json")
    assert [record.question() for record in reading.records] == EXPECTED[:1]
    assert [(fault.loc, fault.msg) for fault in reading.faults] == [
        (("test.json", 0, "qas", 1, "question"), "must be a text (question 7)"),
        (("test.json", 1, "context"), "must be a text (question a1)"),
    ]


def test_a_bad_article_takes_no_other_with_it() -> None:
    articles = [{"title": "x"}, *squad(PAID)["data"], 7, {"paragraphs": {}}, *squad(IMPOSSIBLE)["data"]]
    reading = read_records(json.dumps({"data": articles}).encode(), "test.json")
    assert [record.question() for record in reading.records] == EXPECTED
    assert [(fault.loc, fault.msg) for fault in reading.faults] == [
        (("test.json", "data", number, "paragraphs"), "must be a list") for number in (0, 2, 3)
    ]


def test_the_list_of_simple_transformers_may_be_the_data_of_squad() -> None:
    document = {"data": [{"context": CONTEXT, "qas": [PAID]}, {"context": CONTEXT, "qas": [IMPOSSIBLE]}]}
    assert read(document) == EXPECTED


@pytest.mark.parametrize(
    ("body", "expected", "remedy"),
    [
        (
            {**PAID, "answers": [{"text": "el abono", "answer_start": start}]},
            EXPECTED[0],
            f"answer_start of 'el abono' is 13, not {start!r}",
        )
        for start in (13.0, "13", "13.0")
    ]
    + [({**PAID, "is_impossible": value}, EXPECTED[0], f"is_impossible is false, not {value}") for value in (None, 0)]
    + [
        ({**IMPOSSIBLE, "is_impossible": 1}, EXPECTED[1], "is_impossible is true, not 1"),
        ({**IMPOSSIBLE, "answers": None}, EXPECTED[1], "the answers of an impossible question are left out"),
        ({**IMPOSSIBLE, "answers": [7]}, EXPECTED[1], "the answers of an impossible question are left out"),
    ],
)
def test_a_value_of_a_wrong_type_that_means_one_thing_is_read_and_named(
    body: dict[str, Any], expected: Question, remedy: str
) -> None:
    reading = read_records(json.dumps(squad(body)).encode(), "test.json")
    (record,) = reading.records
    assert (record.question(), reading.faults) == (expected, ())
    (slip,) = record.slips
    assert slip.remedy == remedy
    with pytest.raises(InvalidInputError) as raised:
        read(squad(body))
    assert raised.value.faults == (slip.fault,)


def test_a_record_keeps_what_its_question_does_not() -> None:
    answers = [{"text": "", "answer_start": -1}, {"text": "La beca", "answer_start": 0}]
    (record,) = read_records(json.dumps(squad({**IMPOSSIBLE, "answers": answers})).encode(), "test.json").records
    assert record.answers == (TrueAnswer("", -1), TrueAnswer("La beca", 0))
    assert record.is_impossible
    assert record.question() == EXPECTED[1]


def test_public_files_are_read(real_data: Path) -> None:
    path = real_data / "simpletransformers" / "lu1sg1_test.json"
    found = read_questions(path.read_bytes(), path.name)
    assert len(found) == 13
    assert {bool(one.answers) for one in found} == {True, False}
