"""Warnings about unusual but valid values: missing, never seen in training, or outside the range of training."""

from __future__ import annotations

from functions.core.errors import Fault
from functions.core.schema import Feature, Schema, Table, Value, row_count, written


class InputWarnings:
    """Finder of the warnings of a batch; made once for each schema."""

    def __init__(self, schema: Schema) -> None:
        judged = (one for one in schema.features if one.nullable or one.levels or one.observed)
        self._columns = [(feature, frozenset(feature.levels)) for feature in judged]

    def of(self, table: Table) -> list[list[Fault]]:
        """One list for each row of a validated table, in row order; each fault is located at its feature.

        Rows without a warning share one empty list: a list for each costs a large batch a collection of garbage.
        """
        found: dict[int, list[Fault]] = {}
        for feature, levels in self._columns:
            column = table[feature.name]
            if not _is_usual(feature, levels, column):
                for row, value in enumerate(column):
                    warning = _warning(feature, levels, value)
                    if warning is not None:
                        found.setdefault(row, []).append(warning)
        warnings: list[list[Fault]] = [[]] * row_count(table)
        for row, faults in found.items():
            warnings[row] = faults
        return warnings


def _is_usual(feature: Feature, levels: frozenset[str], column: list[Value]) -> bool:
    if None in column:
        return False
    if feature.is_string:
        return not levels or levels.issuperset(column)
    if feature.observed is None:
        return True
    low, high = feature.observed
    return low <= min(column) and max(column) <= high  # type: ignore[type-var, operator]


def _warning(feature: Feature, levels: frozenset[str], value: Value) -> Fault | None:
    name = feature.name
    if value is None:
        return Fault((name,), "missing: the pipeline imputes it", "missing_value")
    if isinstance(value, str):
        if not levels or value in levels:
            return None
        return Fault((name,), f"{value!r} was never seen in training", "unseen_level")
    if feature.observed is None or feature.observed[0] <= value <= feature.observed[1]:
        return None
    low, high = map(written, feature.observed)
    return Fault((name,), f"{written(value)} is outside the training range {low} to {high}", "out_of_range")
