"""Validation of instances, column by column: a sound batch is cheap, and a bad one shows every fault."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import Any

from functions.core.column_check import LARGEST_EXACT_INTEGER, ColumnCheck
from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.near_names import NearNames, did_you_mean
from functions.core.repeated_faults import MANY_ROWS, so_in, summed_up
from functions.core.schema import Schema, Table, Value

ID_RANGE = (-LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER)
"""The integers that an id may be: every JSON library echoes them unchanged."""
ID_FAULT = f"an id is a string or an integer up to {LARGEST_EXACT_INTEGER}; send a larger one as a string"
IsKnown = Callable[[Fault], bool]
"""True for a fault of a value whose place has another fault already."""


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
        self._near = NearNames(self._known)
        self._pick = itemgetter(*self._names) if len(self._names) > 1 else _pick_one(self._names[0])

    def table(self, instances: Sequence[Any]) -> Table:
        """The instances as columns, in schema order; `None` is a missing value.

        Integral floats of integer features become integers. Raises InvalidInputError with every fault
        (the first 1000), each located at (row, name), in row order. A fault that a column has in most of many rows, and
        a name that all of them lack or have too much, is listed once, for the first row.
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
        rows = len(next(iter(table.values()), ()))
        _refuse(heapq.merge(*self._broken(table, self._checks, rows, lambda fault: False), key=_row))

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
        everywhere = self._wrong_everywhere(instances)
        in_all = so_in(len(instances), len(instances))
        for row, instance in enumerate(instances):
            if not isinstance(instance, dict):
                yield Fault((row,), "an instance is an object of feature names and values", "dict_type")
                continue
            for fault in self._key_faults(instance.keys(), row, reported=everywhere if row else frozenset()):
                is_for_all = fault.loc[1] in everywhere
                yield replace(fault, msg=f"{fault.msg}{in_all}") if is_for_all else fault
            if self._id in instance and not _is_id(instance[self._id]):
                yield Fault((row, str(self._id)), ID_FAULT, "id_type")

    def _key_faults(self, keys: Set[Any], row: int, reported: Set[Any]) -> Iterator[Fault]:
        lacking = self._required - keys - reported
        yield from (Fault((row, name), "field required", "missing") for name in self._names if name in lacking)
        unknown = heapq.nsmallest(MAX_FAULTS, keys - self._known - reported)
        # names of nearly the same letters cost more: the first instance shows what was meant
        meant = map(self._near.same_letters, unknown) if row else self._near.each(unknown)
        for name, near in zip(unknown, meant, strict=True):
            hint = f"; {did_you_mean(name, near)}" if near else ""
            yield Fault((row, name), f"unknown field{hint}", "extra_forbidden")

    def _wrong_everywhere(self, instances: Sequence[Any]) -> Set[str]:
        """The names that all of many instances lack, and the unknown ones that all of them have."""
        if len(instances) < MANY_ROWS or set(map(type, instances)) != {dict}:
            return frozenset()
        lacking = self._required.difference(*instances)
        return lacking | (set(instances[0]).intersection(*instances) - self._known)

    def _with_column_faults(self, misshapen: list[Fault], instances: Sequence[Any]) -> Iterator[Fault]:
        """The faults of shape with the faults of all values that are present, so that one answer lists everything.

        Where the faults of shape fill an answer, no fault of a later row is in it.
        """
        known = {fault.loc for fault in misshapen}
        everywhere = self._wrong_everywhere(instances)
        is_cut = len(misshapen) == MAX_FAULTS
        listed = instances[: _row(misshapen[-1]) + 1] if is_cut else instances
        rows = self._rows([instance if isinstance(instance, dict) else {} for instance in listed])
        table = self._columns_of(rows)
        columns = [check for check in self._checks if check.name not in everywhere]
        # a part of the rows says nothing of most of them
        counted = 0 if is_cut else len(instances)
        broken = self._broken(table, columns, counted, lambda fault: fault.loc in known or fault.loc[:1] in known)
        return heapq.merge(misshapen, *broken, key=_row)

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

    def _broken(
        self, table: Table, checks: Sequence[ColumnCheck], counted: int, is_known: IsKnown
    ) -> Iterator[Iterator[Fault]]:
        """The faults of each broken column; `counted` rows decide whether one of them is for most rows."""
        for check in checks:
            column = table[check.name]
            if not check.passes(column):
                yield summed_up(partial(_unknown_faults, check, column, is_known), counted)


def _unknown_faults(check: ColumnCheck, column: list[Value], is_known: IsKnown) -> Iterator[Fault]:
    return (one for one in check.faults(column) if not is_known(one))


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
