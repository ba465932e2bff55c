"""Lists in pages, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

Page = Annotated[int, Query(ge=1, le=1_000_000, description="counted from 1")]
PageSize = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
Item = TypeVar("Item")
Entry = TypeVar("Entry")
Answer = TypeVar("Answer")


def paged(
    shape: Callable[[list[Entry], int, int, int], Answer],
    items: Sequence[Item],
    page: int,
    page_size: int,
    show: Callable[[Item], Entry | None],
) -> Answer:
    """One page of `items` as `shape`; only the entries on it are passed to `show`, which leaves one out by None."""
    start = (page - 1) * page_size
    shown = [show(item) for item in items[start : start + page_size]]
    return shape([one for one in shown if one is not None], page, page_size, len(items))
