"""Lists in pages, newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

Page = Annotated[int, Query(ge=1, le=1_000_000, description="counted from 1")]
PageSize = Annotated[int, Query(ge=1, le=200, description="entries on a page")]
Item = TypeVar("Item")


def paged(
    name: str,
    items: Sequence[Item],
    page: int,
    page_size: int,
    show: Callable[[Item], object] = lambda item: item,
) -> dict[str, object]:
    """One page of `items` under `name`; only the entries on it are passed to `show`, which leaves one out by None."""
    start = (page - 1) * page_size
    shown = (show(item) for item in items[start : start + page_size])
    return {
        name: [one for one in shown if one is not None],
        "page": page,
        "page_size": page_size,
        "total": len(items),
    }
