"""Pages written by hand, with their questions, to measure what invented pages cannot tell.

They are beside this module, a file each: the page, a line of =====, then questions, each with a line of answers
that are as good as one another, " | " between them, or "-" where the page has none. No wording of the corpus was
written with a look at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from zoo.becas.asked import Asked

FOLDER = Path(__file__).with_name("by_hand")
LINE = "\n=====\n"
NO_ANSWER = "-"


def read_pages(folder: Path = FOLDER) -> Iterator[Asked]:
    """Every question, page after page. Raises ValueError where an answer is not on its page."""
    for path in sorted(folder.glob("*.txt")):
        yield from asked_about(path.name, path.read_text("utf-8"))


def asked_about(name: str, body: str) -> Iterator[Asked]:
    """The questions of one page; `name` is for the error."""
    page, _, questions = body.partition(LINE)
    lines = questions.splitlines()
    for question, answers in zip(lines[::2], lines[1::2], strict=True):
        found = () if answers == NO_ANSWER else tuple(answers.split(" | "))
        if missing := [answer for answer in found if answer not in page]:
            raise ValueError(f"{name}: {missing[0]!r}, an answer to {question!r}, is not on the page")
        yield Asked(question, page, found)
