"""A served version is measured on invented pages and on pages written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoo.becas.asked import Asked, invented
from zoo.becas.by_hand import read_pages
from zoo.becas.served import SEED, SPLITS, Found, answers, asked_of, figures, is_useful, read_predictor
from zoo.tests.becas.tiny_base import write_squad

ASKED = [Asked("¿Cuánto?", "Paga 5 pesos.", ("5 pesos", "5")), Asked("¿Quién?", "Paga 5 pesos.", ())]


def test_every_question_has_an_answer_that_may_be_empty_and_one_that_is_not(root: Path, tmp_path: Path) -> None:
    questions = "¿Cuánto paga la beca?\n1,200 pesos al mes | 1,200 pesos\n¿Quién la ganó?\n-\n"
    (tmp_path / "one.txt").write_text(f"La beca paga 1,200 pesos al mes.\n=====\n{questions}", "utf-8")
    predictor, asked = read_predictor(root / "models" / "becas" / "baked"), list(read_pages(tmp_path))
    found = answers(predictor, asked)
    assert all(one.text and one.by(0) in ("", one.text) for one in found)
    assert figures([one.text for one in found], asked).f1 == 100.0


def test_a_higher_threshold_lets_fewer_answers_be_empty() -> None:
    found = Found("5 pesos", 0.7)
    assert [found.by(threshold) for threshold in (0, 0.5, 1)] == ["", "", "5 pesos"]


def test_what_is_not_told_counts_as_known_or_not_and_nowhere_else() -> None:
    found = figures(["5", ""], ASKED)
    assert (found.exact, found.useful, found.known, found.unanswerable, found.silent) == (100.0, 100.0, 1, 1, 0)
    assert str(figures(["", "5"], ASKED)) == "exact 0.0  f1 0.0  useful 0.0  of 1, of which 1 silent;  known 0 of 1"


@pytest.mark.parametrize(
    ("answer", "useful"), [("unos 5 pesos", True), ("6", False), ("", False), (f"5 {'y ' * 70}", False)]
)
def test_a_useful_answer_holds_a_right_one_and_is_short(answer: str, useful: bool) -> None:
    assert is_useful(answer, ASKED[0]) is useful


def test_the_last_questions_of_a_file_are_asked(tmp_path: Path) -> None:
    write_squad(tmp_path / "squad.json")
    name, asked = list(asked_of(tmp_path / "squad.json"))[-1]
    assert name == "squad.json"
    assert [one.answers for one in asked] == [("900 pesos",), ("estudiantes de Oaxaca",), ()]


def test_invented_pages_are_asked_what_they_tell_and_what_they_do_not() -> None:
    for split in SPLITS:
        asked = list(invented(split, SEED))
        assert all(answer in one.page for one in asked for answer in one.answers)
        assert 0 < sum(not one.answers for one in asked) < len(asked) / 2
