"""Warnings about unusual but valid values: missing, never seen in training, or outside the range of training."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from functions.core.errors import Fault
from functions.core.near_levels import NearLevels
from functions.core.near_names import did_you_mean
from functions.core.schema import Feature, Schema, Table, Value, row_count


@dataclass(frozen=True, slots=True)
class _Usual:
    """What was seen of a feature in training; `range` has its ends as the values of a table are."""

    feature: Feature
    name: str
    is_string: bool
    levels: frozenset[str]
    range: tuple[Any, Any] | None
    near: NearLevels


def _usual_of(feature: Feature) -> _Usual:
    ends = feature.observed
    known = None if ends is None else (feature.comparable(ends[0]), feature.comparable(ends[1]))
    return _Usual(
        feature, feature.name, feature.is_string, frozenset(feature.levels), known, NearLevels(feature.levels)
    )


class InputWarnings:
    """Finder of the warnings of a batch; made once for each schema."""

    def __init__(self, schema: Schema) -> None:
        self._columns = [_usual_of(one) for one in schema.features if one.nullable or one.levels or one.observed]

    def of(self, table: Table) -> list[list[Fault]]:
        """One list for each row of a validated table, in row order; each fault is located at its feature.

        Rows without a warning share one empty list: a list for each costs a large batch a collection of garbage.
        """
        found: dict[int, list[Fault]] = {}
        for usual in self._columns:
            column = table[usual.name]
            if not _is_usual(usual, column):
                # a text is looked up once, as a file may have the same in each of its rows
                warn = cache(partial(_warning, usual)) if usual.is_string else partial(_warning, usual)
                for row in _unusual_rows(usual, column):
                    found.setdefault(row, []).append(warn(column[row]))
        warnings: list[list[Fault]] = [[]] * row_count(table)
        for row, faults in found.items():
            warnings[row] = faults
        return warnings


def _is_usual(usual: _Usual, column: list[Value]) -> bool:
    if None in column:
        return False
    if usual.is_string:
        return not usual.levels or usual.levels.issuperset(column)
    if usual.range is None:
        return True
    low, high = usual.range
    return bool(low <= min(column) and max(column) <= high)  # type: ignore[type-var]


def _unusual_rows(usual: _Usual, column: list[Value]) -> list[int]:
    if usual.feature.is_string and usual.levels:
        return [row for row, value in enumerate(column) if value not in usual.levels]
    if usual.range is None:
        return [row for row, value in enumerate(column) if value is None]
    low, high = usual.range
    return [row for row, value in enumerate(column) if value is None or not low <= value <= high]


def _warning(usual: _Usual, value: Value) -> Fault:
    """The warning about a value that is unusual."""
    name, written = usual.name, usual.feature.written
    if value is None:
        return Fault((name,), "missing: the pipeline imputes it", "missing_value")
    if usual.range is None:
        meant = usual.near.nearest(value) if isinstance(value, str) else None
        hint = f"; {did_you_mean(str(value), meant)}" if meant else ""
        return Fault((name,), f"{value!r} was never seen in training{hint}", "unseen_level")
    low, high = map(written, usual.range)
    return Fault((name,), f"{written(value)} is outside the training range {low} to {high}", "out_of_range")  # type: ignore[arg-type]
