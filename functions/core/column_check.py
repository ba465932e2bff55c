"""The rules of one feature, applied to a whole column.

A sound column costs a few operations on sets; only a bad one is looked at value by value.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from operator import eq
from typing import Any

from functions.core.datetimes import DatetimeError, read_datetime
from functions.core.errors import Fault
from functions.core.near_levels import NearLevels
from functions.core.near_names import did_you_mean, normal
from functions.core.schema import A_VALUE_OF, Feature, FeatureType, Value

EXACT_TYPES: dict[FeatureType, frozenset[type]] = {
    # exact types, because isinstance would take True for an integer
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "datetime": frozenset({str, datetime}),
}
LARGEST_EXACT_INTEGER = 2**53
"""The graphs compute in float64, and parsers of JSON in many languages do so too: larger integers would be rounded."""


def whole(value: Any) -> Any:
    """The integer 2014 for 2014.0, which some clients write for it; any other value unchanged."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class ColumnCheck:
    """A check that is made once for each feature and used for many columns."""

    def __init__(self, feature: Feature) -> None:
        self.name = feature.name
        self._feature = feature
        self._allowed = frozenset(feature.allowed)
        self._levels = frozenset(feature.levels)
        named = (feature.levels or feature.allowed) if feature.is_string else ()
        self._by_normal: dict[str, Value] = {normal(level): level for level in named}
        self._near_allowed = NearLevels([one for one in feature.allowed if isinstance(one, str)])
        self._types = EXACT_TYPES[feature.type] | ({type(None)} if feature.nullable else set())
        ends: tuple[Any, Any] = datetime_bounds(feature) if feature.is_datetime else bounds(feature)
        self._minimum, self._maximum = ends

    def passes(self, column: list[Value]) -> bool:
        """Return True for a sound column.

        In place, integral floats of an integer feature become integers, and texts of a datetime become datetimes.
        """
        if self._feature.is_string:
            return self._texts_pass(column)
        if self._feature.is_datetime and not self._read_datetimes(column):
            return False
        types = set(map(type, column))
        # the sets are built in C: a sound column costs no loop in Python
        if self._feature.type == "integer" and float in types:
            _make_integral(column)
            types = set(map(type, column))
        if not types <= self._types:
            return False
        if self._feature.is_boolean:
            return True
        distinct = set(column)
        distinct.discard(None)
        return distinct <= self._allowed if self._allowed else self._within(distinct)

    def _read_datetimes(self, column: list[Value]) -> bool:
        """Put datetimes in the place of texts, unless there is one that cannot be read."""
        zone = self._feature.time_zone
        try:
            column[:] = [read_datetime(value, zone) if isinstance(value, str) else value for value in column]
        except DatetimeError:
            return False
        return True

    def _texts_pass(self, column: list[Value]) -> bool:
        try:
            distinct = set(column)
        except TypeError:  # the column holds an array or an object
            return False
        # only an equal text equals a text, so the distinct values still show every type
        if not set(map(type, distinct)) <= self._types:
            return False
        distinct.discard(None)
        if self._allowed:
            return distinct <= self._allowed
        return "" not in distinct and (not self._levels or not self._near(distinct))

    def _near(self, distinct: set[Value]) -> dict[Value, Value]:
        """Values that differ from a known level in case or spaces only, each with that level."""
        unseen = distinct - self._levels - {None}
        near = {value: self._by_normal.get(normal(value)) for value in unseen}
        return {value: level for value, level in near.items() if level is not None}

    def _within(self, values: set[Value]) -> bool:
        if not values:
            return True
        low, high = min(values), max(values)  # type: ignore[type-var]
        # NaN compares false with everything, wherever min and max leave it
        return self._minimum <= low <= high <= self._maximum and all(map(eq, values, values))  # type: ignore[operator]

    def faults(self, column: list[Value]) -> Iterator[Fault]:
        """One fault for each bad value, located at (row, name)."""
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
        if feature.is_datetime:
            return self._datetime_fault(value)
        if isinstance(value, float) and not math.isfinite(value):
            return "a number must be finite", "finite_number"
        return self._bound_fault(value)

    def _datetime_fault(self, value: Value) -> tuple[str, str] | None:
        if value == "":
            return self._empty()
        try:
            return self._bound_fault(read_datetime(value, self._feature.time_zone) if isinstance(value, str) else value)
        except DatetimeError as error:
            return str(error), error.kind

    def _bound_fault(self, value: Any) -> tuple[str, str] | None:
        minimum, maximum, written = self._minimum, self._maximum, self._feature.written
        if value < minimum:
            return f"must be at least {written(minimum)}", "greater_than_equal"
        if value > maximum:
            return f"must be at most {written(maximum)}", "less_than_equal"
        return None

    def _type_fault(self, value: object) -> tuple[str, str]:
        kind = self._feature.type
        if value is None:
            return "must not be null", f"{kind}_type"
        if kind == "integer" and isinstance(value, float):
            return "must be a whole number", "int_from_float"
        return f"must be {A_VALUE_OF[kind]}, not {_json_type(value)}", f"{kind}_type"

    def _choice_fault(self, value: Value) -> tuple[str, str]:
        near = self._by_normal.get(normal(value))
        if near is not None:
            return f"{_brief(value)} is not allowed; did you mean {near!r}?", "enum"
        hints = [f"allowed: {', '.join(map(repr, self._feature.allowed))}"]
        meant = self._near_allowed.nearest(value) if isinstance(value, str) else None
        hints += [did_you_mean(str(value), meant)] if meant else []
        return f"{_brief(value)} is not allowed; {'; '.join(hints)}", "enum"

    def _string_fault(self, value: Value) -> tuple[str, str] | None:
        if value == "":
            return self._empty()
        near = self._near({value}).get(value) if self._levels else None
        if near is None:
            return None
        return f"{_brief(value)} differs from the known {near!r} only in case or spaces", "near_level"

    def _empty(self) -> tuple[str, str]:
        hint = "; send null for a missing value" if self._feature.nullable else ""
        return f"must not be empty{hint}", "string_too_short"


def bounds(feature: Feature) -> tuple[float, float]:
    """The least and the greatest value of a numeric feature; the limits of float64 where it sets none."""
    widest = LARGEST_EXACT_INTEGER if feature.type == "integer" else math.nextafter(math.inf, 0)
    return (
        -widest if feature.minimum is None else feature.comparable(feature.minimum),
        widest if feature.maximum is None else feature.comparable(feature.maximum),
    )


def datetime_bounds(feature: Feature) -> tuple[datetime, datetime]:
    """The first and the last moment of a datetime feature; the years 1 and 9999 where it sets none."""
    return (
        datetime.min if feature.minimum is None else feature.comparable(feature.minimum),
        datetime.max if feature.maximum is None else feature.comparable(feature.maximum),
    )


def _make_integral(column: list[Value]) -> None:
    for row, value in enumerate(column):
        if type(value) is float and value.is_integer():
            column[row] = int(value)


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
