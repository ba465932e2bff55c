"""Validation of instances, column by column: a sound batch is cheap, and a bad one shows every fault."""

from __future__ import annotations

import heapq
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from functions.core.column_check import LARGEST_EXACT_INTEGER, ColumnCheck, normal
from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.schema import Schema, Table, Value

ID_RANGE = (-LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER)
"""The integers that an id may be: every JSON library echoes them unchanged."""
ID_FAULT = f"an id is a string or an integer up to {LARGEST_EXACT_INTEGER}; send a larger one as a string"


class Validator:
    """Validator of instances of one schema; made once and used for many batches."""

    def __init__(self, schema: Schema, *, labelled: bool = False) -> None:
        """`labelled` instances have the targets as well, also in the spelling of a predicted label."""
        self._columns = [*(schema.labelled if labelled else schema.features)]
        self._checks = [ColumnCheck(feature) for feature in self._columns]
        targets = schema.targets if labelled else ()
        self._respelled = [target for target in targets if target.choices and not target.is_string]
        self._names = [feature.name for feature in self._columns]
        self._required = {feature.name for feature in self._columns if not feature.nullable}
        self._id = schema.id
        self._known = {*self._names, *([schema.id] if schema.id else [])}
        self._pick = itemgetter(*self._names) if len(self._names) > 1 else _pick_one(self._names[0])

    def table(self, instances: Sequence[Any]) -> Table:
        """The instances as columns, in schema order; `None` is a missing value.

        Integral floats of integer features become integers. Raises InvalidInputError with every fault
        (the first 1000), each located at (row, name), in row order.
        """
        rows = self._whole_rows(instances)
        if rows is None:
            misshapen = list(islice(self._shape_faults(instances), MAX_FAULTS))
            if misshapen:
                _refuse(self._with_column_faults(misshapen, instances))
            rows = self._rows(instances)
        table = self._columns_of(rows)
        self.check(table)
        return table

    def check(self, table: Table) -> None:
        """Check columns of equal length. Raises InvalidInputError as `table` does."""
        _refuse(self._column_faults(table))

    def ids(self, instances: Sequence[Mapping[str, Any]]) -> list[Any] | None:
        """The ids to echo, with None for instances without one; None if no instance has an id."""
        if self._id is None:
            return None
        ids = [instance.get(self._id) for instance in instances]
        return ids if any(one is not None for one in ids) else None

    def _whole_rows(self, instances: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """The values of the instances if each has every feature and at most an id besides; otherwise None."""
        if set(map(type, instances)) != {dict}:
            return None
        try:
            rows = list(map(self._pick, instances))
        except KeyError:
            return None
        ids = [instance[self._id] for instance in instances if self._id in instance] if self._id else []
        nothing_else = sum(map(len, instances)) == len(rows) * len(self._names) + len(ids)
        return rows if nothing_else and all(map(_is_id, ids)) else None

    def _shape_faults(self, instances: Sequence[Any]) -> Iterator[Fault]:
        for row, instance in enumerate(instances):
            if not isinstance(instance, dict):
                yield Fault((row,), "an instance is an object of feature names and values", "dict_type")
                continue
            keys = instance.keys()
            if not keys >= self._required:
                lacking = [name for name in self._names if name in self._required - keys]
                yield from (Fault((row, name), "field required", "missing") for name in lacking)
            if not keys <= self._known:
                unknown = heapq.nsmallest(MAX_FAULTS, keys - self._known)
                yield from (
                    Fault((row, name), f"unknown field{self._suggest(name)}", "extra_forbidden") for name in unknown
                )
            if self._id in keys and not _is_id(instance[self._id]):
                yield Fault((row, str(self._id)), ID_FAULT, "id_type")

    def _with_column_faults(self, misshapen: list[Fault], instances: Sequence[Any]) -> Iterator[Fault]:
        """The faults of shape with the faults of all values that are present, so that one answer lists everything.

        Where the faults of shape fill an answer, no fault of a later row is in it.
        """
        known = {fault.loc for fault in misshapen}
        listed = instances[: _row(misshapen[-1]) + 1] if len(misshapen) == MAX_FAULTS else instances
        rows = self._rows([instance if isinstance(instance, dict) else {} for instance in listed])
        table = self._columns_of(rows)
        others = (one for one in self._column_faults(table) if one.loc not in known and one.loc[:1] not in known)
        return heapq.merge(misshapen, others, key=_row)

    def _suggest(self, name: str) -> str:
        near = [known for known in sorted(self._known) if normal(_composed(known)) == normal(_composed(name))]
        if near and _composed(near[0]) == _composed(name):
            return f"; did you mean {near[0]!a}, the same letters in another Unicode form?"
        return f"; did you mean {near[0]!r}?" if near else ""

    def _rows(self, instances: Sequence[Mapping[str, Value]]) -> list[tuple[Any, ...]]:
        """The values of the instances; absent features become None."""
        return [tuple(map(instance.get, self._names)) for instance in instances]

    def _columns_of(self, rows: list[tuple[Any, ...]]) -> Table:
        if not rows:
            return {name: [] for name in self._names}
        table: Table = dict(zip(self._names, map(list, zip(*rows, strict=True)), strict=True))
        for target in self._respelled:
            labels = target.labels
            column = table[target.name]
            table[target.name] = [labels.get(one, one) if isinstance(one, str) else one for one in column]
        return table

    def _column_faults(self, table: Table) -> Iterator[Fault]:
        columns = [(check, table[check.name]) for check in self._checks]
        broken = [check.faults(column) for check, column in columns if not check.passes(column)]
        return heapq.merge(*broken, key=_row)


def _composed(name: str) -> str:
    """The name in the Unicode form of keyboards: é as one character, not as e and an accent."""
    return unicodedata.normalize("NFC", name)


def _refuse(faults: Iterator[Fault]) -> None:
    listed = list(islice(faults, MAX_FAULTS))
    if listed:
        raise InvalidInputError(listed)


def _row(fault: Fault) -> int:
    return int(fault.loc[0])


def _is_id(value: object) -> bool:
    if type(value) is int or (isinstance(value, float) and value.is_integer()):
        return ID_RANGE[0] <= value <= ID_RANGE[1]
    return value is None or isinstance(value, str)


def _pick_one(name: str) -> Callable[[Mapping[str, Value]], tuple[Value]]:
    return lambda instance: (instance[name],)
