"""What the levels of a string column give away: two spellings of one, numbers among words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from functions.core.column_check import normal
from functions.core.errors import Fault
from functions.core.schema import Feature
from model_export.training_files.faults import FILE, listed


def near_levels(feature: Feature, values: Sequence[Any]) -> Iterator[Fault]:
    """Two spellings of one level would quietly become two levels."""
    first: dict[str, str] = {}
    for one in _levels(feature, values):
        other = first.setdefault(normal(one), one)
        if other != one:
            yield Fault((FILE, feature.name), f"{one!r} and {other!r} differ only in case or spaces", "near_level")


def numbers_among_words(feature: Feature, values: Sequence[Any]) -> str:
    """A note on a column in which codes stand among words, as if it was half encoded; empty for any other."""
    levels = _levels(feature, values)
    numbers = [level for level in levels if level.isdecimal()]
    words = [level for level in levels if not level.isdecimal()]
    if not numbers or not words:
        return ""
    return (
        f"{feature.name}: {listed(map(repr, numbers))} stand among words such as {words[0][:60]!r}; "
        "each is kept as a level of its own"
    )


def _levels(feature: Feature, values: Sequence[Any]) -> list[str]:
    if not feature.learns_levels:
        return []
    return sorted({value for value in values if isinstance(value, str)})
