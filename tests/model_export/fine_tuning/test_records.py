"""What is found wrong with the questions of a file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_export.fine_tuning.records import check, occurrences
from tests.model_export.fine_tuning.written import CONTEXT, qa, records

GOOD = qa("good", ("La beca", 0), ("200 euros", 37))
IMPOSSIBLE = qa("none", is_impossible=True)


def faults(*qas: Any, context: str = CONTEXT) -> list[tuple[Any, str, str]]:
    return [(fault.loc, fault.msg, fault.type) for one in check(records(*qas, context=context)) for fault in one.faults]


def test_nothing_is_wrong_with_a_good_file() -> None:
    assert faults(GOOD, IMPOSSIBLE) == []


@pytest.mark.parametrize(
    ("bad", "kind", "message"),
    [
        (qa("x", ("abono", 15)), "offset", "the answer 'abono' is not at 15 of its context: the answer is at 16, 26"),
        (
            qa("x", ("a", 0)),
            "offset",
            "the answer 'a' is not at 0 of its context: the answer is at 1, 6, 9, 11, 16 and 2 more",
        ),
        (qa("x", ("nada", 3)), "offset", "the answer 'nada' is not at 3 of its context: the answer is nowhere in it"),
        (qa("x", ("Beca", 3)), "offset", "the answer 'Beca' is not at 3 of its context: the answer is nowhere in it"),
        (
            qa("x", ("euros", 99)),
            "offset",
            "the answer 'euros' is not at 99 of its context: that has 47 characters, and the answer is at 41",
        ),
        (
            qa("x", ("euros.", -6)),
            "offset",
            "the answer 'euros.' is not at -6 of its context: that has 47 characters, and the answer is at 41",
        ),
        (qa("x", ("", -1)), "empty_answer", "an answer is empty (answer_start -1)"),
        (qa("x", ("", -1), is_impossible=True), "empty_answer", "an answer is empty (answer_start -1)"),
        (qa("x", (" ", 2)), "empty_answer", "an answer is empty (answer_start 2)"),
        (qa("x"), "unanswered", "has no answer, but is_impossible is not true"),
        (
            qa("x", ("La beca", 0), is_impossible=True),
            "impossible_answered",
            "is_impossible is true, but it has answers (1)",
        ),
        (qa("x", ("La beca", 0), question=" "), "empty_question", "the question is empty"),
    ],
)
def test_a_bad_question_is_named_by_file_and_id(bad: Any, kind: str, message: str) -> None:
    assert faults(GOOD, bad, IMPOSSIBLE) == [(("train.json", "x"), message, kind)]


def test_an_empty_context_is_told_of_each_question() -> None:
    found = faults(qa("a", is_impossible=True), qa("b", is_impossible=True), context="\n")
    assert [(place, kind) for place, _, kind in found] == [
        (("train.json", "a"), "empty_context"),
        (("train.json", "b"), "empty_context"),
    ]


def test_each_answer_of_a_question_is_checked() -> None:
    found = faults(qa("x", ("La beca", 1), ("200 euros", 37), ("nada", 0)))
    assert [message.split(" is ")[0] for _, message, _ in found] == ["the answer 'La beca'", "the answer 'nada'"]


def test_of_a_repeated_id_the_first_is_good() -> None:
    assert faults(GOOD, {**IMPOSSIBLE, "id": "good"}, {**GOOD, "id": "other"}, GOOD) == [
        (("train.json", "good"), f"the id of 0.qas.{number} is that of 0.qas.0 too", "repeated_id") for number in (1, 3)
    ]


def test_a_number_and_its_text_are_one_id() -> None:
    assert [kind for _, _, kind in faults({**GOOD, "id": 7}, {**GOOD, "id": "7"})] == ["repeated_id"]


@given(st.text("ab", min_size=1, max_size=3), st.text("ab", max_size=12))
def test_occurrences_are_all_places_where_the_text_stands(text: str, context: str) -> None:
    assert occurrences(text, context) == [at for at in range(len(context)) if context[at:].startswith(text)]
