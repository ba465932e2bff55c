"""A course gives the same batches for the same arguments, and the kinds of windows that it promises."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from zoo.becas.courses import COURSES, Course, Read, batches_of
from zoo.becas.reading import Example
from zoo.becas.windows import Learnt

SQUAD = [Example(f"¿Qué dice el texto {n}?", f"El texto {n} dice que sí.", (9 + len(str(n)), 13)) for n in range(40)]
WRITTEN = [Example(f"¿Qué abre a las {n}?", f"A las {n} abre el comedor.", (13, 23)) for n in range(9)]
READ = Read(SQUAD, WRITTEN)


@pytest.fixture(scope="module")
def tokenizer(root: Path) -> Tokenizer:
    return Tokenizer.from_file(str(root / "models" / "becas" / "baked" / "tokenizer.json"))


@pytest.mark.parametrize("name", COURSES)
def test_equal_arguments_give_equal_batches(tokenizer: Tokenizer, name: str) -> None:
    course = replace(COURSES[name], pages=3)
    first, again = (_taken(tokenizer, course, 6) for _ in range(2))
    assert first == again


def test_another_round_has_other_pages(tokenizer: Tokenizer) -> None:
    course = Course(answered=0, impossible=0, moved=0, pages=2, unanswerable=0.2, elsewhere=0)
    rows = [row.ids for batch in _taken(tokenizer, course, 12) for row in batch]
    assert len(set(rows)) > 0.9 * len(rows)


def test_a_round_of_written_pages_asks_each_of_their_questions_once(tokenizer: Tokenizer) -> None:
    course = Course(answered=0, impossible=0, moved=0, pages=0, unanswerable=0, elsewhere=0, written=1)
    (rows,) = _taken(tokenizer, course, 1)
    texts = [tokenizer.decode(list(row.ids[row.start : row.end + 1])) for row in rows]
    assert texts == ["el comedor"] * len(WRITTEN)
    assert len({row.ids for row in rows}) == len(WRITTEN)


def test_the_course_of_pages_has_more_windows_without_an_answer(tokenizer: Tokenizer) -> None:
    shares = {name: _answered(tokenizer, replace(COURSES[name], pages=120)) for name in COURSES}
    assert shares["pages"] < shares["reading"] - 0.1


def test_a_batch_of_short_pages_asks_more_questions_that_they_answer(tokenizer: Tokenizer) -> None:
    def answered(name: str) -> int:
        course = replace(COURSES[name], answered=0, impossible=0, moved=0, written=0, pages=60)
        return sum(row.start > 0 for batch in _taken(tokenizer, course, 25) for row in batch)

    assert answered("short") > 2 * answered("pages")


def _answered(tokenizer: Tokenizer, course: Course) -> float:
    rows = [row for batch in _taken(tokenizer, course, 150) for row in batch]
    return sum(row.start > 0 for row in rows) / len(rows)


def _taken(tokenizer: Tokenizer, course: Course, count: int) -> list[list[Learnt]]:
    return list(itertools.islice(batches_of(tokenizer, course, READ, 1, 1600), count))
