"""Excerpts: what they read, what they leave out, and what they count."""

from __future__ import annotations

import pytest

from functions.core.excerpts import Excerpt, read_excerpt


def excerpt_of(names: str, start: int, count: int | None, hidden: str = "") -> tuple[Excerpt[str], str]:
    """An excerpt of single letters, in upper case, and the letters that were read for it."""
    asked: list[str] = []

    def read(letter: str) -> str | None:
        asked.append(letter)
        return None if letter in hidden else letter.upper()

    return read_excerpt(names, start, count, read), "".join(sorted(asked))


@pytest.mark.parametrize(
    ("start", "count", "entries"),
    [(0, 2, "AB"), (2, 2, "CD"), (4, 2, "E"), (6, 2, ""), (10**12, 200, ""), (0, 200, "ABCDE"), (2, None, "CDE")],
)
def test_an_excerpt_has_its_part_and_the_number_of_all(start: int, count: int | None, entries: str) -> None:
    assert excerpt_of("abcde", start, count) == (Excerpt(list(entries), 5), entries.lower())


def test_an_entry_that_cannot_be_read_is_left_out_and_moves_no_other_page() -> None:
    assert excerpt_of("abcde", 0, 3, hidden="b")[0] == Excerpt(["A", "C"], 5)
    assert excerpt_of("abcde", 3, 3, hidden="b")[0] == Excerpt(["D", "E"], 5)


def test_the_whole_list_counts_what_it_has() -> None:
    assert excerpt_of("abcde", 0, 5, hidden="b")[0] == Excerpt(list("ACDE"), 4)
    assert excerpt_of("abcde", 0, None, hidden="abcde")[0] == Excerpt([], 0)
