"""Lists in pages, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

Page = Annotated[int, Query(ge=1, le=1_000_000, description="counted from 1")]
PageSize = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
Listed = TypeVar("Listed")
Shown = TypeVar("Shown")
PageShape = TypeVar("PageShape")


def paged(
    shape: Callable[[list[Shown], int, int, int], PageShape],
    items: Sequence[Listed],
    page: int,
    page_size: int,
    show: Callable[[Listed], Shown | None],
) -> PageShape:
    """One page of `items` as `shape`; `show` is called for the items of the page alone, and leaves one out by None."""
    start = (page - 1) * page_size
    entries = [show(item) for item in items[start : start + page_size]]
    return shape([entry for entry in entries if entry is not None], page, page_size, len(items))
