"""The schema of the instances of a model: features, target, id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from functions.core.datetimes import DatetimeError, TimeZone, read_datetime, written_datetime
from functions.core.documents import fault, require_no_faults
from functions.core.errors import KeyFault

FeatureType = Literal["string", "integer", "number", "boolean", "datetime"]
A_VALUE_OF: Mapping[FeatureType, str] = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "datetime": "a date and time in text",
}
"""The words for a type in a sentence."""
ColumnName = Annotated[str, Meta(min_length=1)]
Value = str | int | float | datetime | None
Table = dict[str, list[Value]]
"""Columns by name, all of one length: the form in which instances are validated, stored and packed.

A datetime has no tzinfo: it is in UTC, or without time zone as its feature is.
"""
Bound = Annotated[
    float | Annotated[str, Meta(pattern=r"\A[0-9]{4}-")],
    Meta(description='a number (for a datetime, a text such as "2026-11-29")'),
]
TensorName = Literal["strings", "numbers", "datetimes"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One column. `allowed` is a closed list; `levels` and `observed` are the values and the range seen in training.

    The bounds and the range of a datetime are texts. Its `time_zone` is UTC if its values have an offset, else none.
    """

    name: ColumnName
    type: FeatureType
    description: str = ""
    nullable: bool = False
    minimum: Bound | None = None
    maximum: Bound | None = None
    allowed: tuple[str | int | float, ...] = ()
    categorical: bool = True
    levels: tuple[str, ...] = ()
    observed: tuple[float | str, float | str] | None = None
    time_zone: TimeZone = "none"

    def __post_init__(self) -> None:
        require_no_faults(f"feature {self.name!r}", self._broken_rules())

    def _broken_rules(self) -> Iterator[KeyFault]:
        yield from self._broken_bounds()
        if self.time_zone != "none" and not self.is_datetime:
            yield fault("time_zone", f"no time zone of a {self.type}", self.time_zone)
        if self.allowed and (self.is_boolean or self.is_datetime):
            why = ", which is true or false" if self.is_boolean else ": bound it by minimum and maximum"
            yield fault("allowed", f"no closed list of a {self.type}{why}", self.allowed)
            return
        expected = str if self.is_string else (int, float)
        for place, value in enumerate(self.allowed):
            if isinstance(value, bool) or not isinstance(value, expected):
                yield fault(("allowed", place), A_VALUE_OF[self.type], value)

    def _broken_bounds(self) -> Iterator[KeyFault]:
        bounds = {"minimum": self.minimum, "maximum": self.maximum}
        given = {name: bound for name, bound in bounds.items() if bound is not None}
        if self.is_string or self.is_boolean:
            yield from (fault(name, f"no bound of a {self.type}", bound) for name, bound in given.items())
            return
        if self.allowed and not self.is_datetime:
            yield from (fault(name, "no bound where allowed lists the values", bound) for name, bound in given.items())
            return
        faults = [one for name, bound in given.items() for one in self._misread(name, bound)]
        yield from faults
        if len(given) == len(bounds) and not faults:
            low, high = (self.comparable(bound) for bound in given.values())
            if not low <= high:
                kind = "date and time" if self.is_datetime else "number"
                yield fault("maximum", f"a {kind} of at least the minimum {self.written(low)}", self.maximum)

    def _misread(self, name: str, bound: float | str) -> Iterator[KeyFault]:
        if isinstance(bound, str) != self.is_datetime:
            yield fault(name, A_VALUE_OF["datetime"] if self.is_datetime else "a number", bound)
        elif isinstance(bound, str):
            try:
                read_datetime(bound, self.time_zone)
            except DatetimeError as error:
                yield fault(name, A_VALUE_OF["datetime"], bound, str(error))

    def comparable(self, bound: float | str) -> Any:
        """A bound, or an end of the range, as the values of a table are: a number, or a datetime."""
        return read_datetime(bound, self.time_zone) if isinstance(bound, str) else bound

    def written(self, value: float | datetime) -> str:
        """A value that has bounds, in the spelling of people."""
        return written_datetime(value, self.time_zone) if isinstance(value, datetime) else written(value)

    @property
    def is_string(self) -> bool:
        return self.type == "string"

    @property
    def is_datetime(self) -> bool:
        return self.type == "datetime"

    @property
    def tensor(self) -> TensorName:
        """The input of the graph that has the values of this feature."""
        return "strings" if self.is_string else "datetimes" if self.is_datetime else "numbers"

    @property
    def is_boolean(self) -> bool:
        return self.type == "boolean"

    @property
    def choices(self) -> tuple[str | int | float, ...]:
        """The values of a closed list, or of a boolean; none where the values are open."""
        return (False, True) if self.is_boolean else self.allowed

    @property
    def labels(self) -> dict[str, str | int | float]:
        """The values of a target by the label that predictions give them; 1 is called "1", true "True"."""
        lower = {str(value).lower(): value for value in self.choices if isinstance(value, bool)}
        return {**lower, **{str(value): value for value in self.choices}}

    @property
    def learns_levels(self) -> bool:
        """True if training records the distinct values, so that serving can warn about an unseen one."""
        return self.is_string and self.categorical and not self.allowed

    def learn(self, values: Sequence[Value]) -> Feature:
        """This feature with the levels or the range of `values`; None is skipped."""
        present = [value for value in values if value is not None]
        if self.learns_levels:
            return replace(self, levels=tuple(sorted({str(value) for value in present})))
        if self.is_string or self.is_boolean or not present:
            return self
        if self.is_datetime:
            moments = [value for value in present if isinstance(value, datetime)]
            return replace(self, observed=(self.written(min(moments)), self.written(max(moments))))
        numbers = [float(value) for value in present]  # type: ignore[arg-type]
        return replace(self, observed=(min(numbers), max(numbers)))


@dataclass(frozen=True, slots=True)
class Schema:
    """The features in their order, the target, and the optional id column, which is echoed and never used.

    A model of several targets has all of them as `target`, in the order of its predictions; a tuple of one becomes that
    one.
    """

    features: tuple[Feature, ...]
    target: Feature | tuple[Feature, ...]
    id: ColumnName | None = None

    def __post_init__(self) -> None:
        if isinstance(self.target, tuple) and len(self.target) == 1:
            object.__setattr__(self, "target", self.target[0])
        require_no_faults("schema", self._broken_rules())

    def _broken_rules(self) -> Iterator[KeyFault]:
        """Faults of names that are used twice."""
        names = list(self.feature_names)
        for place, name in enumerate(names):
            if name in names[:place]:
                yield fault(("features", place, "name"), "a name of its own", name)
        if not self.targets:
            yield KeyFault(("target",), "at least one target", "none")
        for place, name in enumerate(self.target_names):
            key = ("target", place, "name") if self.has_several_targets else ("target", "name")
            if name in names:
                yield fault(key, "a name that no feature has", name)
            if name in self.target_names[:place]:
                yield fault(key, "a name that no other target has", name)
        if self.id in (*names, *self.target_names):
            yield fault("id", "a name that neither a feature nor the target has", self.id)

    @property
    def targets(self) -> tuple[Feature, ...]:
        return self.target if isinstance(self.target, tuple) else (self.target,)

    @property
    def target_names(self) -> tuple[str, ...]:
        return tuple(target.name for target in self.targets)

    @property
    def has_several_targets(self) -> bool:
        """True for a model that answers one object for each instance, {target: value}."""
        return len(self.targets) > 1

    @property
    def labelled(self) -> tuple[Feature, ...]:
        """The columns of a row to train on: the features, then the targets."""
        return (*self.features, *self.targets)

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns that a file can have for the model: features, targets, and the id if rows have one."""
        return (*self.feature_names, *self.target_names, *([self.id] if self.id else []))

    @property
    def string_names(self) -> tuple[str, ...]:
        """String features in schema order: the columns of the graph's input `strings`."""
        return self._columns_of("strings")

    @property
    def number_names(self) -> tuple[str, ...]:
        """Numbers and booleans in schema order: the columns of the graph's input `numbers`, true as 1, false as 0."""
        return self._columns_of("numbers")

    @property
    def datetime_names(self) -> tuple[str, ...]:
        """Dates and times in schema order: the columns of the graph's input `datetimes`."""
        return self._columns_of("datetimes")

    def _columns_of(self, tensor: TensorName) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features if feature.tensor == tensor)

    def learn(self, table: Table) -> Schema:
        """This schema with the levels and ranges of the training rows in `table`."""
        features, targets = (
            tuple(column.learn(table[column.name]) for column in columns) for columns in (self.features, self.targets)
        )
        return replace(self, features=features, target=targets)

    def to_dict(self) -> dict[str, Any]:
        """The schema as JSON has it. A feature without time zone has no such key, which older readers do not know."""
        return asdict(self, dict_factory=_written_fields)


def _written_fields(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if (name, value) != ("time_zone", "none")}


def row_count(table: Table) -> int:
    """The number of rows of a table; it has at least one column."""
    return len(next(iter(table.values())))


def written(number: float) -> str:
    """A number in the spelling of people: 1234567, neither 1.23457e+06 nor 1234567.0."""
    # from 1e16 on Python writes floats with an exponent, and so do people
    is_whole = isinstance(number, float) and abs(number) < 1e16 and number == int(number)
    return str(int(number) if is_whole else number)
