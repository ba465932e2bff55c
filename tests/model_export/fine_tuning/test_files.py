"""Whole files, made for a test and public ones."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from pathlib import Path

import pytest

from functions.core.errors import InvalidInputError
from model_export.fine_tuning.files import CheckedFile, check_file
from tests.model_export.fine_tuning.written import CONTEXT, qa, write


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


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
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
