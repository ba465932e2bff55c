"""What the model learns from: rounds of windows over Spanish SQuAD, invented pages and written ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tokenizers import Tokenizer

from zoo.becas.pages import FULL, Shape
from zoo.becas.reading import Example, among_neighbours, invented_examples
from zoo.becas.windows import Learnt, batches, windows_of
from zoo.draws import Draws


@dataclass(frozen=True, slots=True)
class Course:
    """A round has each question of SQuAD with the probability `answered`, or `impossible` if it has no answer, and
    `pages` invented pages, of whose questions `unanswerable` have no answer on the page, and each question of the
    written pages with the probability `written`.

    With the probability `moved` a question of SQuAD is asked of a text about something else. A text that answers has a
    window without the answer too with the probability `elsewhere`.
    """

    answered: float
    impossible: float
    moved: float
    pages: int
    unanswerable: float
    elsewhere: float
    shapes: tuple[Shape, ...] = (FULL,)
    written: float = 0


@dataclass(frozen=True, slots=True)
class Read:
    """The questions that are the same in every round."""

    squad: Sequence[Example]
    written: Sequence[Example] = ()


STRANGE_VALUES = 0.15
PAGE_SHAPES = (
    replace(FULL, strange_values=STRANGE_VALUES),
    Shape(facts=(8, 20), words=(120, 350), strange_values=STRANGE_VALUES),
    FULL,
    Shape(facts=(1, 8), words=(15, 120), strange_values=STRANGE_VALUES),
)
SHORT_SHAPES = (
    Shape(facts=(4, 9), words=(30, 110), strange_values=STRANGE_VALUES / 2),
    Shape(facts=(2, 7), words=(15, 80)),
    Shape(facts=(4, 9), words=(30, 110)),
    Shape(facts=(6, 14), words=(80, 200), strange_values=STRANGE_VALUES / 2),
    Shape(facts=(3, 9), words=(20, 110)),
    Shape(facts=(2, 8), words=(15, 90), strange_values=STRANGE_VALUES / 2),
    Shape(facts=(5, 12), words=(50, 150)),
    FULL,
)
COURSES = {
    "reading": Course(answered=1, impossible=0.4, moved=0.03, pages=550, unanswerable=0.2, elsewhere=0.3),
    "pages": Course(
        answered=0.5, impossible=0.05, moved=0.1, pages=900, unanswerable=0.3, elsewhere=0.6, shapes=PAGE_SHAPES
    ),
    "written": Course(
        answered=0.15,
        impossible=0.04,
        moved=0.3,
        pages=600,
        unanswerable=0.3,
        elsewhere=0.6,
        shapes=PAGE_SHAPES,
        written=1,
    ),
    "both": Course(
        answered=0.06,
        impossible=0.016,
        moved=0.2,
        pages=800,
        unanswerable=0.3,
        elsewhere=0.6,
        shapes=PAGE_SHAPES,
        written=0.1,
    ),
    "short": Course(
        answered=0.01,
        impossible=0.003,
        moved=0.2,
        pages=1000,
        unanswerable=0.22,
        elsewhere=0.5,
        shapes=SHORT_SHAPES,
        written=0.013,
    ),
}
"""First general reading, then pages as they are served, most of whose windows hold no answer, then written pages with a
little of the others, so that these are not forgotten, then as many questions of invented pages as of written ones, in
short rounds, and at last mostly short invented pages: a batch asks more of them, and how a fact may be worded is
learned from few lines as well as from a whole page."""


def batches_of(tokenizer: Tokenizer, course: Course, read: Read, seed: int, most_tokens: int) -> Iterator[list[Learnt]]:
    """Batches without end, round after round, each with other invented pages; the same for the same arguments."""
    number = 0
    while True:
        draws = Draws(seed * 1000 + number)
        examples = _round(course, read, seed, number, draws)
        rows = [row for example in examples for row in _learnt(tokenizer, example, course, draws)]
        yield from batches(rows, most_tokens, draws)
        number += 1


def _round(course: Course, read: Read, seed: int, number: int, draws: Draws) -> Iterator[Example]:
    widened = among_neighbours(read.squad, draws)
    for one in widened:
        if draws.chance(course.impossible if one.span is None else course.answered):
            yield one
        if draws.chance(course.moved * course.answered):
            yield Example(one.question, draws.one_of(widened).text, None)
    yield from (one for one in read.written if draws.chance(course.written))
    first = number * course.pages
    yield from invented_examples(
        seed, range(first, first + course.pages), unanswerable=course.unanswerable, shapes=course.shapes
    )


def _learnt(tokenizer: Tokenizer, example: Example, course: Course, draws: Draws) -> Iterator[Learnt]:
    """One of the windows that hold the answer, if any, and perhaps one of the others."""
    rows = list(windows_of(tokenizer, example))
    right = [row for row in rows if row.start]
    others = [row for row in rows if not row.start]
    if right:
        yield draws.one_of(right)
    if others and (not right or draws.chance(course.elsewhere)):
        yield draws.one_of(others)
