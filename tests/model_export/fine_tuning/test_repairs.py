"""Only what is certain is repaired."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_export.fine_tuning.records import check
from model_export.fine_tuning.repairs import repaired
from model_export.question_answering.squad import Answer
from tests.model_export.fine_tuning.written import CONTEXT, qa, records


@pytest.mark.parametrize("start", [-1, 0, 36, 38, 1000])
def test_a_wrong_offset_of_a_text_that_occurs_once_is_put_right(start: int) -> None:
    found, repairs = repaired(records(qa("x", ("La beca", 0), ("200 euros", start))))
    assert found[0].answers == (Answer("La beca", 0), Answer("200 euros", 37))
    assert [(repair.place, repair.what) for repair in repairs] == [
        (("train.json", "x"), f"answer_start of '200 euros' is 37, not {start}")
    ]


@pytest.mark.parametrize("start", [-1, 0])
def test_an_empty_answer_of_an_impossible_question_is_left_out(start: int) -> None:
    found, repairs = repaired(records(qa("x", ("", start), is_impossible=True)))
    assert found[0].answers == ()
    assert check(found)[0].faults == ()
    assert [repair.what for repair in repairs] == [
        f"the empty answer (answer_start {start}) of an impossible question is left out"
    ]


@pytest.mark.parametrize(
    "uncertain",
    [
        qa("x", ("abono", 15)),
        qa("x", ("nada", 0)),
        qa("x", ("", -1)),
        qa("x"),
        qa("x", ("La beca", 0), is_impossible=True),
        qa("x", ("La beca", 0), question=""),
    ],
)
def test_what_is_not_certain_stays_as_it_is(uncertain: Any) -> None:
    before = records(uncertain)
    assert repaired(before) == (list(before), [])
    assert check(before)[0].faults


@given(st.text("abñ😀 ", min_size=1, max_size=30), st.data())
def test_any_repaired_offset_is_where_the_text_was_cut(context: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(context) - 1))
    text = context[start : data.draw(st.integers(start + 1, len(context)))]
    found, repairs = repaired(records(qa("x", (text, data.draw(st.integers(-3, 40)))), context=context))
    (answer,) = found[0].answers
    if repairs:
        assert answer == Answer(text, start)
    else:
        assert context[answer.start :].startswith(text) or context.find(text) != context.rfind(text) or not text.strip()


def test_repairing_twice_changes_nothing_more() -> None:
    once, _ = repaired(records(qa("x", ("200 euros", 1)), qa("y", ("", -1), is_impossible=True)))
    assert repaired(once) == (once, [])
    assert CONTEXT[once[0].answers[0].start :].startswith("200 euros")
