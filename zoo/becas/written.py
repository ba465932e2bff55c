"""Pages that were written to be learnt, one by one and without templates, with their questions.

A file has the pages of a field, each in the form of `by_hand`, and a line of ##### between two of them. Most of what
they state and ask is not among the facts of invented pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from zoo.becas.asked import Asked
from zoo.becas.by_hand import asked_about
from zoo.becas.reading import Example

FILES = tuple(sorted(Path(__file__).with_name("written").glob("*.txt")))
BETWEEN = "\n#####\n"
MEASURING = 12
"""Of so many pages of a file, one measures and is not learnt."""


def read_written(path: Path) -> list[list[Asked]]:
    """The questions of each page.

    Raises ValueError where an answer is not on its page, or is there more than once: its place would be a guess.
    """
    pages = [list(asked_about(path.name, body)) for body in path.read_text("utf-8").split(BETWEEN)]
    for one in (one for page in pages for one in page):
        for answer in one.answers:
            if one.page.count(answer) > 1:
                raise ValueError(f"{path.name}: {answer!r}, an answer to {one.question!r}, is on the page twice")
    return pages


def learnt_of(files: Iterable[Path]) -> list[Example]:
    """The questions of the pages that do not measure."""
    return [
        _example(one)
        for path in files
        for number, page in enumerate(read_written(path), 1)
        if number % MEASURING
        for one in page
    ]


def measuring_of(files: Iterable[Path], most: int | None = None) -> list[Asked]:
    """The questions of the other pages, or of so many of them in each file."""
    return [one for path in files for page in read_written(path)[MEASURING - 1 :: MEASURING][:most] for one in page]


def _example(one: Asked) -> Example:
    if not one.answers:
        return Example(one.question, one.page, None)
    start = one.page.index(one.answers[0])
    return Example(one.question, one.page, (start, start + len(one.answers[0])))
