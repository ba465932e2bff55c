"""Excerpts of long lists: what one page shows is read, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from functions.core.threads import in_threads

Name = TypeVar("Name")
Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Excerpt(Generic[Entry]):
    """Consecutive entries of a list, and the number of all that the list has."""

    entries: list[Entry]
    total: int


def read_excerpt(
    names: Sequence[Name], start: int, count: int | None, read: Callable[[Name], Entry | None]
) -> Excerpt[Entry]:
    """The entries of `count` names from `start`, or of all from there if it is None; `read` leaves one out by None.

    The total counts what is left out, because the other pages must not move; only an excerpt that is the whole list
    knows better and does not.
    """
    chosen = names[start:] if count is None else names[start : start + count]
    entries = [entry for entry in in_threads(read, chosen) if entry is not None]
    return Excerpt(entries, len(entries) if len(chosen) == len(names) else len(names))
