"""Instances against a schema: column by column, so that a sound batch costs little and a bad one is told whole."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import eq, itemgetter
from typing import Any

from functions.core.errors import Fault, InvalidInputError
from functions.core.schema import Feature, FeatureType, Schema, Table, Value, written

MAX_FAULTS = 1000
EXACT_TYPES: dict[FeatureType, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
}
LARGEST_EXACT_INTEGER = 2**53
ID_RANGE = (-LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER)
"""The integers that an id may be: those that every JSON library echoes as they were sent."""
ID_FAULT = f"an id is a string or an integer up to {LARGEST_EXACT_INTEGER}; send a larger one as a string"


def whole(value: Any) -> Any:
    """2014.0 as 2014, as JSON has no other way to tell them apart; all else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Validator:
    """Checks instances of one schema; made once for each schema and used for many batches."""

    def __init__(self, schema: Schema, *, labelled: bool = False) -> None:
        """`labelled` instances carry the target as well."""
        self._columns = [*schema.features, *([schema.target] if labelled else [])]
        self._checks = [ColumnCheck(feature) for feature in self._columns]
        self._names = [feature.name for feature in self._columns]
        self._required = {feature.name for feature in self._columns if not feature.nullable}
        self._id = schema.id
        self._known = {*self._names, *([schema.id] if schema.id else [])}
        self._pick = itemgetter(*self._names) if len(self._names) > 1 else _pick_one(self._names[0])

    def table(self, instances: Sequence[Any]) -> Table:
        """The instances as columns, in schema order; `None` is a missing value.

        Integral floats of integer features become integers. Raises InvalidInputError with every fault
        (the first 1000), each under (row, name) and in row order.
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
        """The same checks on columns of equal length."""
        _refuse(self._column_faults(table))

    def ids(self, instances: Sequence[Mapping[str, Any]]) -> list[Any] | None:
        """The ids to echo, None where an instance has none; None when no instance has one."""
        if self._id is None:
            return None
        ids = [instance.get(self._id) for instance in instances]
        return ids if any(one is not None for one in ids) else None

    def _whole_rows(self, instances: Sequence[Any]) -> list[tuple[Any, ...]] | None:
        """The values of the instances if all have every feature and nothing else but an id; otherwise None."""
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
                unknown = sorted(keys - self._known)
                yield from (
                    Fault((row, name), f"unknown field{self._suggest(name)}", "extra_forbidden") for name in unknown
                )
            if self._id in keys and not _is_id(instance[self._id]):
                yield Fault((row, str(self._id)), ID_FAULT, "id_type")

    def _with_column_faults(self, misshapen: list[Fault], instances: Sequence[Any]) -> Iterator[Fault]:
        """What is wrong with the values that are there as well, so that one answer tells everything."""
        told = {fault.loc for fault in misshapen}
        rows = self._rows([instance if isinstance(instance, dict) else {} for instance in instances])
        table = self._columns_of(rows)
        others = (one for one in self._column_faults(table) if one.loc not in told and one.loc[:1] not in told)
        return heapq.merge(misshapen, others, key=_row)

    def _suggest(self, name: str) -> str:
        near = [known for known in sorted(self._known) if normal(known) == normal(name)]
        return f"; did you mean {near[0]!r}?" if near else ""

    def _rows(self, instances: Sequence[Mapping[str, Value]]) -> list[tuple[Any, ...]]:
        """The values of instances that may lack nullable features."""
        return [tuple(map(instance.get, self._names)) for instance in instances]

    def _columns_of(self, rows: list[tuple[Any, ...]]) -> Table:
        if not rows:
            return {name: [] for name in self._names}
        return dict(zip(self._names, map(list, zip(*rows, strict=True)), strict=True))

    def _column_faults(self, table: Table) -> Iterator[Fault]:
        columns = [(check, table[check.name]) for check in self._checks]
        broken = [check.faults(column) for check, column in columns if not check.passes(column)]
        return heapq.merge(*broken, key=_row)


class ColumnCheck:
    """The rules of one feature, over a whole column."""

    def __init__(self, feature: Feature) -> None:
        self.name = feature.name
        self._feature = feature
        self._allowed = frozenset(feature.allowed)
        self._levels = frozenset(feature.levels)
        named = (feature.levels or feature.allowed) if feature.is_string else ()
        self._by_normal: dict[str, Value] = {normal(level): level for level in named}
        self._types = EXACT_TYPES[feature.type] | ({type(None)} if feature.nullable else set())
        self._minimum, self._maximum = bounds(feature)

    def passes(self, column: list[Value]) -> bool:
        """Whether the column is sound; integral floats of an integer feature are made integers in place."""
        if self._feature.is_string:
            return self._texts_pass(column)
        types = set(map(type, column))
        if self._feature.type == "integer" and float in types:
            _make_integral(column)
            types = set(map(type, column))
        if not types <= self._types:
            return False
        distinct = set(column)
        distinct.discard(None)
        return distinct <= self._allowed if self._allowed else self._within(distinct)

    def _texts_pass(self, column: list[Value]) -> bool:
        try:
            distinct = set(column)
        except TypeError:  # an array or an object among them
            return False
        # nothing but the same text equals a text, so no type is lost among the distinct values
        if not set(map(type, distinct)) <= self._types:
            return False
        distinct.discard(None)
        if self._allowed:
            return distinct <= self._allowed
        return "" not in distinct and (not self._levels or not self._near(distinct))

    def _near(self, distinct: set[Value]) -> dict[Value, Value]:
        """Values that equal a known level but for case or spaces, with that level."""
        unseen = distinct - self._levels - {None}
        found = {value: self._by_normal.get(normal(value)) for value in unseen}
        return {value: level for value, level in found.items() if level is not None}

    def _within(self, values: set[Value]) -> bool:
        if not values:
            return True
        low, high = min(values), max(values)  # type: ignore[type-var]
        # NaN compares false with everything, wherever min and max leave it
        return self._minimum <= low <= high <= self._maximum and all(map(eq, values, values))  # type: ignore[operator]

    def faults(self, column: list[Value]) -> Iterator[Fault]:
        """One fault for each bad value, under (row, name)."""
        for row, value in enumerate(column):
            fault = self._fault(value)
            if fault is not None:
                yield Fault((row, self.name), *fault)

    def _fault(self, value: Value) -> tuple[str, str] | None:
        feature = self._feature
        if type(value) not in self._types:
            return self._type_fault(value)
        if value is None:
            return None
        if self._allowed:
            return None if value in self._allowed else self._choice_fault(value)
        if feature.is_string:
            return self._string_fault(value)
        minimum, maximum = self._minimum, self._maximum
        if isinstance(value, float) and not math.isfinite(value):
            return "a number must be finite", "finite_number"
        if value < minimum:  # type: ignore[operator]
            return f"must be at least {written(minimum)}", "greater_than_equal"
        if value > maximum:  # type: ignore[operator]
            return f"must be at most {written(maximum)}", "less_than_equal"
        return None

    def _type_fault(self, value: object) -> tuple[str, str]:
        kind = self._feature.type
        if value is None:
            return "must not be null", f"{kind}_type"
        if kind == "integer" and isinstance(value, float):
            return "must be a whole number", "int_from_float"
        article = "an" if kind == "integer" else "a"
        return f"must be {article} {kind}, not {_json_type(value)}", f"{kind}_type"

    def _choice_fault(self, value: Value) -> tuple[str, str]:
        near = self._by_normal.get(normal(value))
        hint = (
            f"did you mean {near!r}?" if near is not None else f"allowed: {', '.join(map(repr, self._feature.allowed))}"
        )
        return f"{_brief(value)} is not allowed; {hint}", "enum"

    def _string_fault(self, value: Value) -> tuple[str, str] | None:
        if value == "":
            hint = "; send null for a missing value" if self._feature.nullable else ""
            return f"must not be empty{hint}", "string_too_short"
        near = self._near({value}).get(value) if self._levels else None
        if near is None:
            return None
        return f"{_brief(value)} differs from the known {near!r} only in case or spaces", "near_level"


def bounds(feature: Feature) -> tuple[float, float]:
    """The least and the greatest value of a numeric feature; without its own, what float64 holds exactly."""
    widest = LARGEST_EXACT_INTEGER if feature.type == "integer" else math.nextafter(math.inf, 0)
    return (
        -widest if feature.minimum is None else feature.minimum,
        widest if feature.maximum is None else feature.maximum,
    )


def normal(value: object) -> str:
    """`value` as text without case, spaces, hyphens and underscores: what makes two levels look the same."""
    return "".join(str(value).casefold().replace("_", " ").replace("-", " ").split())


def _refuse(faults: Iterator[Fault]) -> None:
    found = list(islice(faults, MAX_FAULTS))
    if found:
        raise InvalidInputError(found)


def _row(fault: Fault) -> int:
    return int(fault.loc[0])


def _is_id(value: object) -> bool:
    if type(value) is int or (isinstance(value, float) and value.is_integer()):
        return ID_RANGE[0] <= value <= ID_RANGE[1]
    return value is None or isinstance(value, str)


def _make_integral(column: list[Value]) -> None:
    for row, value in enumerate(column):
        if type(value) is float and value.is_integer():
            column[row] = int(value)


def _pick_one(name: str) -> Callable[[Mapping[str, Value]], tuple[Value]]:
    return lambda instance: (instance[name],)


def _json_type(value: object) -> str:
    names = {
        bool: "a boolean",
        str: "a string",
        int: "an integer",
        float: "a number",
        list: "an array",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
