"""Files of questions: their faults, and the ones that are certain enough to be repaired."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import InvalidInputError
from model_export.fine_tuning.question_files import CheckedFile, check_file, check_records, occurrences, repair_records
from model_export.question_answering.squad import TrueAnswer
from tests.model_export.fine_tuning.written import CONTEXT, qa, records, write

GOOD = qa("good", ("La beca", 0), ("200 euros", 37))
IMPOSSIBLE = qa("none", is_impossible=True)


def faults(*qas: Any, context: str = CONTEXT) -> list[tuple[Any, str, str]]:
    return [
        (fault.loc, fault.msg, fault.type)
        for one in check_records(records(*qas, context=context))
        for fault in one.faults
    ]


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


def test_an_empty_context_is_a_fault_of_each_question() -> None:
    found = faults(qa("a", is_impossible=True), qa("b", is_impossible=True), context="\n")
    assert [(place, kind) for place, _, kind in found] == [
        (("train.json", "a"), "empty_context"),
        (("train.json", "b"), "empty_context"),
    ]


def test_each_answer_of_a_question_is_checked() -> None:
    found = faults(qa("x", ("La beca", 1), ("200 euros", 37), ("nada", 0)))
    assert [message.split(" is ")[0] for _, message, _ in found] == ["the answer 'La beca'", "the answer 'nada'"]


def test_the_first_question_of_a_repeated_id_is_good() -> None:
    assert faults(GOOD, {**IMPOSSIBLE, "id": "good"}, {**GOOD, "id": "other"}, GOOD) == [
        (("train.json", "good"), f"0.qas.{number} has the same id as 0.qas.0", "repeated_id") for number in (1, 3)
    ]


def test_a_number_and_its_text_are_one_id() -> None:
    assert [kind for _, _, kind in faults({**GOOD, "id": 7}, {**GOOD, "id": "7"})] == ["repeated_id"]


@given(st.text("ab", min_size=1, max_size=3), st.text("ab", max_size=12))
def test_occurrences_are_all_places_of_the_text(text: str, context: str) -> None:
    assert occurrences(text, context) == [at for at in range(len(context)) if context[at:].startswith(text)]


@pytest.mark.parametrize("start", [-1, 0, 36, 38, 1000])
def test_a_wrong_offset_of_a_text_that_occurs_once_is_put_right(start: int) -> None:
    found, repairs = repair_records(records(qa("x", ("La beca", 0), ("200 euros", start))))
    assert found[0].answers == (TrueAnswer("La beca", 0), TrueAnswer("200 euros", 37))
    assert [(repair.place, repair.what) for repair in repairs] == [
        (("train.json", "x"), f"answer_start of '200 euros' is 37, not {start}")
    ]


@pytest.mark.parametrize("start", [-1, 0])
def test_an_empty_answer_of_an_impossible_question_is_left_out(start: int) -> None:
    found, repairs = repair_records(records(qa("x", ("", start), is_impossible=True)))
    assert found[0].answers == ()
    assert check_records(found)[0].faults == ()
    assert [repair.what for repair in repairs] == [
        f"the empty answer (answer_start {start}) of an impossible question is left out"
    ]


def test_answers_of_an_impossible_question_are_left_out() -> None:
    """Simple Transformers does not look at them: the question is an example without an answer."""
    found, repairs = repair_records(records(qa("x", ("La beca", 0), ("nada", 3), is_impossible=True)))
    assert check_records(found)[0].faults == ()
    assert found[0].question().answers == ()
    assert [repair.what for repair in repairs] == [
        "the answer 'La beca' of an impossible question is left out",
        "the answer 'nada' of an impossible question is left out",
    ]


@pytest.mark.parametrize(
    ("bad", "message", "remedy"),
    [
        (qa("x", ("La beca", 0.0)), "must be a whole number, not 0.0", "answer_start of 'La beca' is 0, not 0.0"),
        (
            qa("x", ("La beca", 0), is_impossible=None),
            "must be true or false, not None",
            "is_impossible is false, not None",
        ),
        (
            {**qa("x", is_impossible=True), "answers": None},
            "must be a list",
            "the answers of an impossible question are left out",
        ),
    ],
)
def test_a_value_of_a_wrong_type_is_a_fault_until_it_is_repaired(
    tmp_path: Path, bad: Any, message: str, remedy: str
) -> None:
    path = write(tmp_path / "train.json", bad)
    assert [fault.msg for fault in check_file(path, repair=False).faults] == [f"{message} (question x)"]
    found = check_file(path, repair=True)
    assert (found.counts["good"], found.faults, [repair.what for repair in found.repairs]) == (1, (), [remedy])


def test_a_wrong_type_and_a_wrong_offset_are_both_repaired() -> None:
    found, repairs = repair_records(records(qa("x", ("200 euros", "1"))))
    assert found[0].answers == (TrueAnswer("200 euros", 37),)
    assert [repair.what for repair in repairs] == [
        "answer_start of '200 euros' is 1, not '1'",
        "answer_start of '200 euros' is 37, not 1",
    ]
    assert repair_records(found) == (found, [])


@pytest.mark.parametrize(
    "uncertain",
    [
        qa("x", ("abono", 15)),
        qa("x", ("nada", 0)),
        qa("x", ("", -1)),
        qa("x"),
        qa("x", ("La beca", 0), question=""),
    ],
)
def test_what_is_not_certain_stays_as_it_is(uncertain: Any) -> None:
    before = records(uncertain)
    assert repair_records(before) == (list(before), [])
    assert check_records(before)[0].faults


@given(st.text("abñ😀 ", min_size=1, max_size=30), st.data())
def test_any_repaired_offset_is_where_the_text_was_cut(context: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(context) - 1))
    text = context[start : data.draw(st.integers(start + 1, len(context)))]
    found, repairs = repair_records(records(qa("x", (text, data.draw(st.integers(-3, 40)))), context=context))
    (answer,) = found[0].answers
    if repairs:
        assert answer == TrueAnswer(text, start)
    else:
        assert context[answer.start :].startswith(text) or context.find(text) != context.rfind(text) or not text.strip()


def test_repairing_twice_changes_nothing_more() -> None:
    once, _ = repair_records(records(qa("x", ("200 euros", 1)), qa("y", ("", -1), is_impossible=True)))
    assert repair_records(once) == (once, [])
    assert CONTEXT[once[0].answers[0].start :].startswith("200 euros")


@pytest.fixture
def simple(real_data: Path) -> Path:
    return real_data / "simpletransformers"


def kinds(file: CheckedFile) -> Counter[str]:
    return Counter(fault.type for fault in file.faults)


def test_good_questions_are_kept_and_bad_ones_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "train.json", qa("a", ("La beca", 0)), qa("b", ("200 euros", 0)), qa("c", ("nada", 0)), 7)
    found = check_file(path, repair=False)
    assert [question.id for question in found.questions] == ["a"]
    assert [fault.loc for fault in found.faults] == [
        (str(path), 0, "qas", 3, "question"),
        (str(path), "b"),
        (str(path), "c"),
    ]
    assert found.counts == {
        "questions": 4, "good": 1, "answerable": 1, "impossible": 0, "bad": 3, "repairs": 0,
    }  # fmt: skip


def test_repaired_questions_are_good(tmp_path: Path) -> None:
    path = write(tmp_path / "train.json", qa("a", ("200 euros", 0)), qa("b", ("", -1), is_impossible=True), qa("c"))
    found = check_file(path, repair=True)
    assert [(one.id, len(one.answers)) for one in found.questions] == [("a", 1), ("b", 0)]
    assert (found.bad, len(found.repairs)) == (1, 2)


def test_squad_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    paragraphs = [{"context": CONTEXT, "qas": [qa("a", ("La beca", 0))]}]
    path.write_text(json.dumps({"version": "1.1", "data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    assert check_file(path, repair=False).counts["good"] == 1


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.json: cannot be read: No such file"):
        check_file(tmp_path / "none.json", repair=False)


@pytest.mark.parametrize(
    ("name", "questions", "bad", "offsets"), [("lu1sg1_train.json", 28, 13, 14), ("lu1sg1_test.json", 13, 7, 8)]
)
def test_each_wrong_offset_of_the_hand_made_files_is_found(
    simple: Path, name: str, questions: int, bad: int, offsets: int
) -> None:
    """22 in all, some of them of one question."""
    found = check_file(simple / name, repair=False)
    assert (found.counts["questions"], found.bad, kinds(found)) == (questions, bad, {"offset": offsets})


def test_all_but_two_of_them_are_certain(simple: Path) -> None:
    train = check_file(simple / "lu1sg1_train.json", repair=True)
    test = check_file(simple / "lu1sg1_test.json", repair=True)
    assert (train.bad, len(train.repairs), len(test.repairs)) == (0, 14, 6)
    assert [(fault.loc[1], fault.msg.rpartition(": ")[2]) for fault in test.faults] == [
        ("00002", "the answer is at 123, 188"),
        ("00005", "the answer is nowhere in it"),
    ]
    for question in (*train.questions, *test.questions):
        for answer in question.answers:
            assert question.context[answer.start :].startswith(answer.text)


def test_a_large_spanish_file_is_good(simple: Path, tmp_path: Path) -> None:
    path = tmp_path / "es_train.json"
    path.write_bytes(lzma.decompress((simple / "es_train.json.xz").read_bytes()))
    found = check_file(path, repair=False)
    assert found.faults == ()
    assert found.counts == {
        "questions": 6138, "good": 6138, "answerable": 3351, "impossible": 2787, "bad": 0, "repairs": 0,
    }  # fmt: skip
