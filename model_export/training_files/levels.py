"""Signs of a mistake in the levels of a string column: two spellings of one level, numbers among words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from functions.core.errors import FILE, Fault
from functions.core.near_names import normal
from functions.core.schema import Feature
from model_export.training_files.faults import listed


def near_levels(feature: Feature, values: Sequence[Any], where: Callable[[int], str]) -> Iterator[Fault]:
    """Faults for two spellings of one level, which would silently become two levels; `where` names a row's place."""
    first: dict[str, str] = {}
    for level in _levels(feature, values):
        other = first.setdefault(normal(level), level)
        if other != level:
            both = " and ".join(f"{one!r} ({where(values.index(one))})" for one in (level, other))
            yield Fault((FILE, feature.name), f"{both} differ only in case or spaces", "near_level")


def numbers_among_words(feature: Feature, values: Sequence[Any]) -> str:
    """A note on a column with codes among words, as if it was half encoded; empty for any other column."""
    # Only a note: house numbers and sizes are levels of such columns too.
    levels = _levels(feature, values)
    numbers = [level for level in levels if level.isdecimal()]
    words = [level for level in levels if not level.isdecimal()]
    if not numbers or not words:
        return ""
    return (
        f"{feature.name}: {listed(map(repr, numbers))} are among words such as {words[0][:60]!r}; "
        "each is kept as its own level"
    )


def _levels(feature: Feature, values: Sequence[Any]) -> list[str]:
    if not feature.learns_levels:
        return []
    return sorted({value for value in values if isinstance(value, str)})
