"""Pages of a list: only what is on the page is shown."""

from __future__ import annotations

import pytest

from functions.inference.control.paging import paged

Shown = tuple[list[str], int, int, int]


def page_of(items: str, page: int, page_size: int, hidden: str = "") -> tuple[Shown, list[str]]:
    """A page of single letters, in upper case, and the letters that were asked for it."""
    asked: list[str] = []

    def show(letter: str) -> str | None:
        asked.append(letter)
        return None if letter in hidden else letter.upper()

    def shape(entries: list[str], page: int, page_size: int, total: int) -> Shown:
        return entries, page, page_size, total

    return paged(shape, items, page, page_size, show), asked


@pytest.mark.parametrize(
    ("page", "page_size", "entries"),
    [(1, 2, ["A", "B"]), (2, 2, ["C", "D"]), (3, 2, ["E"]), (4, 2, []), (1_000_000, 200, []), (1, 200, list("ABCDE"))],
)
def test_a_page_holds_its_part_and_the_number_of_all(page: int, page_size: int, entries: list[str]) -> None:
    assert page_of("abcde", page, page_size)[0] == (entries, page, page_size, 5)


def test_items_of_other_pages_are_not_read() -> None:
    assert page_of("abcde", 2, 2)[1] == ["c", "d"]


def test_an_item_that_cannot_be_shown_is_left_out_and_still_counted() -> None:
    assert page_of("abcde", 1, 3, hidden="b")[0] == (["A", "C"], 1, 3, 5)
