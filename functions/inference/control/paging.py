"""Lists in pages, newest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Query

from functions.core.excerpts import Excerpt

Page = Annotated[int, Query(ge=1, le=1_000_000, description="counted from 1")]
PageSize = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
Listed = TypeVar("Listed")
Shown = TypeVar("Shown")
PageShape = TypeVar("PageShape")


def paged(
    shape: Callable[[list[Shown], int, int, int], PageShape],
    read: Callable[[int, int], Excerpt[Listed]],
    page: int,
    page_size: int,
    show: Callable[[Listed], Shown],
) -> PageShape:
    """One page as `shape`; `read` takes the place of its first entry, counted from 0, and its size."""
    excerpt = read((page - 1) * page_size, page_size)
    return shape([show(entry) for entry in excerpt.entries], page, page_size, excerpt.total)
