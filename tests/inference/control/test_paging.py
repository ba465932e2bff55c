"""Pages of a list: the part that is read for them, and their shape."""

from __future__ import annotations

import pytest

from functions.core.excerpts import Excerpt
from functions.inference.control.paging import paged


@pytest.mark.parametrize(
    ("page", "page_size", "asked"), [(1, 2, (0, 2)), (3, 2, (4, 2)), (1_000_000, 200, (199_999_800, 200))]
)
def test_a_page_reads_its_part_and_shows_the_number_of_all(page: int, page_size: int, asked: tuple[int, int]) -> None:
    reads: list[tuple[int, int]] = []

    def read(start: int, count: int) -> Excerpt[str]:
        reads.append((start, count))
        return Excerpt(["a", "b"], 5)

    def shape(entries: list[str], page: int, page_size: int, total: int) -> tuple[list[str], int, int, int]:
        return entries, page, page_size, total

    assert paged(shape, read, page, page_size, str.upper) == (["A", "B"], page, page_size, 5)
    assert reads == [asked]
