"""Requests to a storage that wait for a network, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

THREADS = 32
"""The most requests at a time: enough to wait for a page of a list in two rounds."""
Item = TypeVar("Item")
Found = TypeVar("Found")
Other = TypeVar("Other")


def in_threads(work: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
    """The results of `work` in the order of the items; the first error among them is raised.

    Each call has the context variables of the caller, so that its log lines name the same request.
    """
    if len(items) < 2:
        return [work(item) for item in items]
    contexts = [copy_context() for _ in items]
    with ThreadPoolExecutor(min(THREADS, len(items))) as pool:
        return list(pool.map(lambda context, item: context.run(work, item), contexts, items))


def both(first: Callable[[], Found], second: Callable[[], Other]) -> tuple[Found, Other]:
    """The results of two calls that are made at once; an error of either is raised."""
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(copy_context().run, second)
        return first(), other.result()
