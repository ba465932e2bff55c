"""The pages that were written to be learnt can be read, and those that measure are not among what is learnt."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from zoo.becas import by_hand
from zoo.becas.reading import Example
from zoo.becas.written import FILES, MEASURING, learnt_of, measuring_of, read_written

QUESTIONS_A_PAGE = 10
UNANSWERED = 0.3, 0.4


def test_every_page_of_every_file_is_learnt_or_measures() -> None:
    pages = [page for path in FILES for page in read_written(path)]
    learnt = learnt_of(FILES)
    measuring = measuring_of(FILES)
    assert len(learnt) + len(measuring) == sum(map(len, pages)) >= QUESTIONS_A_PAGE * len(pages)
    assert not {one.text for one in learnt} & {one.page for one in measuring}
    assert len({(one.text, one.question) for one in learnt}) == len(learnt)


def test_the_span_of_a_question_is_its_answer_and_some_have_none(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text("Paga 5 euros.\n=====\n¿Cuánto?\n5 euros\n¿Quién?\n-\n", "utf-8")
    text = "Paga 5 euros."
    assert learnt_of([path]) == [Example("¿Cuánto?", text, (5, 12)), Example("¿Quién?", text, None)]
    share = sum(one.span is None for one in learnt_of(FILES)) / len(learnt_of(FILES))
    assert UNANSWERED[0] < share < UNANSWERED[1]


def test_each_twelfth_page_measures(tmp_path: Path) -> None:
    path = tmp_path / "many.txt"
    path.write_text("\n#####\n".join(f"Página {n}.\n=====\n¿Cuál?\n{n}" for n in range(1, 26)), "utf-8")
    assert [one.answers[0] for one in measuring_of([path])] == [str(MEASURING), str(2 * MEASURING)]
    assert [one.answers[0] for one in measuring_of([path], 1)] == [str(MEASURING)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Paga 5 o 5.\n=====\n¿Cuánto?\n5\n", "one.txt: '5', an answer to '¿Cuánto?', is on the page twice"),
        ("Paga 5.\n=====\n¿Cuánto?\n6\n", "one.txt: '6', an answer to '¿Cuánto?', is not on the page"),
    ],
)
def test_an_answer_without_a_place_of_its_own_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "one.txt").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        learnt_of([tmp_path / "one.txt"])


def test_no_page_that_measures_by_hand_was_learnt() -> None:
    """Neither a page nor a line of one that says something."""
    lines = {line for one in by_hand.read_pages() for line in one.page.splitlines() if len(line.split()) > 8}
    learnt = {line for one in learnt_of(FILES) for line in one.text.splitlines()}
    assert not lines & learnt


def test_the_base_has_the_words_of_every_file(root: Path) -> None:
    """The lists in the Makefile are by hand, since each stage learned from what was there."""
    given = [f"{name}=file" for name in ("E5", "TOKENIZER", "SQUAD")]
    told = subprocess.run(["make", "--dry-run", "becas", *given], cwd=root, capture_output=True, text=True, check=True)
    (base,) = (line for line in told.stdout.splitlines() if "zoo.becas.base" in line)
    files = [root / one for one in base.split() if one.endswith(".txt")]
    assert sorted(files) == list(FILES)
