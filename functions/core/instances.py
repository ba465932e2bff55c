"""Instances from the body of a request: well-formed ones directly into columns, all others step by step.

The schema is compiled to msgspec types: a closed list or the levels seen in training become literals, ranges
become bounds. A body that does not fit is parsed instead, and the validator decides: it names the faults, or accepts
the body after all. So both ways accept the same bodies and give the same values.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from functions.core.column_check import ColumnCheck, bounds
from functions.core.datetimes import LONGEST
from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.json_text import BODY, parse_json
from functions.core.row_budget import RowBudget
from functions.core.schema import Feature, Schema, Table
from functions.core.tasks import INSTANCES
from functions.core.validator import ID_RANGE

COLON = b":"
ESCAPED_COLON = b"\\u003"
ODD_IN_A_NAME = re.compile(r'["\\\x00-\x1f:]')
SMALLEST_INSTANCE_BYTES = 3
"""The bytes of an instance without features, and its comma: {}, ."""
WRAPPER_WITHIN_BYTES = 64
"""The part of a body that is searched for the key of the array: a wrapped body begins with it, after white space."""


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """The position of the instances in a body: the path to their array, or to the single one."""

    path: tuple[str, ...] = ()
    is_single: bool = False

    def of(self, fault: Fault) -> Fault:
        """A fault located at (row, ...), moved to the place in the body of the client."""
        rest = fault.loc[1:] if self.is_single else fault.loc
        return Fault((*self.path, *rest), fault.msg, fault.type)


@contextmanager
def faults_placed(place: BodyPlace) -> Iterator[None]:
    """Move the faults of an InvalidInputError, raised within the block, to their places in the body."""
    try:
        yield
    except InvalidInputError as error:
        raise error.relocated(place.of) from None


SINGLE = BodyPlace((BODY,), is_single=True)
SEVERAL = BodyPlace((BODY,))


@dataclass(frozen=True, slots=True)
class Instances:
    """The instances of a request, unchecked, and their place in its body."""

    rows: list[Any]
    place: BodyPlace


@dataclass(frozen=True, slots=True)
class CheckedInstances:
    """Validated instances as columns; `ids` are None where no instance has one."""

    table: Table
    rows: int
    ids: list[Any] | None
    place: BodyPlace = BodyPlace()


def parse_instances(body: bytes, budget: RowBudget, names: Sequence[str] = (INSTANCES,)) -> Instances:
    """One instance (an object), several (an array), or {"instances": [...]}.

    `names` are the keys that may hold the array. Raises InvalidInputError, and TooLargeError beyond the budget.
    """
    budget.check_body(body)
    instances = _instances(parse_json(body), names)
    budget.check_rows(len(instances.rows))
    return instances


def _instances(payload: Any, names: Sequence[str]) -> Instances:
    if isinstance(payload, list):
        return Instances(payload, SEVERAL)
    if not isinstance(payload, dict):
        raise _fault(
            (BODY,),
            'send one instance (an object), several (an array) or {"instances": [...]}',
            "instances_type",
        )
    name = next((one for one in names if one in payload), None)
    if name is None:
        return Instances([payload], SINGLE)
    rows = payload[name]
    if not isinstance(rows, list):
        raise _fault((BODY, name), f"{name} must be an array", "list_type")
    unknown = sorted(payload.keys() - {name})
    if unknown:
        faults = [Fault((BODY, one), f"unknown field beside {name}", "extra_forbidden") for one in unknown[:MAX_FAULTS]]
        raise InvalidInputError(faults)
    return Instances(rows, BodyPlace((BODY, name)))


def _fault(loc: tuple[str | int, ...], msg: str, kind: str) -> InvalidInputError:
    return InvalidInputError([Fault(loc, msg, kind)])


@dataclass(frozen=True, slots=True)
class _Decoders:
    single: msgspec.json.Decoder[Any]
    several: msgspec.json.Decoder[Any]
    wrapped: Mapping[bytes, tuple[msgspec.json.Decoder[Any], BodyPlace]]
    """The decoder for each key that may hold the array; keys are quoted bytes, as in a body."""


class InstanceReader:
    """Reader of requests for one schema; made once and used for many requests."""

    def __init__(
        self, schema: Schema, names: Sequence[str] = (INSTANCES,), count: Callable[[bytes, bytes], int] = bytes.count
    ) -> None:
        """`names` are the keys that may hold the instances; `count` is bytes.count, or a faster one for one byte."""
        self._count = count
        self._names = schema.feature_names
        self._has_ids = schema.id is not None
        self._optional = [place for place, feature in enumerate(schema.features) if feature.nullable]
        texts = ("strings", "datetimes")
        self._texts = [place for place, feature in enumerate(schema.features) if feature.tensor in texts]
        self._datetimes = [
            (place, ColumnCheck(feature)) for place, feature in enumerate(schema.features) if feature.is_datetime
        ]
        if self._has_ids:
            self._optional.append(len(self._names))
            self._texts.append(len(self._names))
        self._smallest_bytes = sum(map(_smallest_bytes, schema.features), SMALLEST_INSTANCE_BYTES)
        self._decoders = None if _needs_validator(schema) else _decoders(schema, names)

    def read(self, body: bytes) -> CheckedInstances | None:
        """The instances of a request body in any of its three forms, in order.

        None for a body that is not JSON, has no instance, or holds anything unusual: a fault, a level never
        seen, 2014.0 for an integer, a key twice in one object.
        """
        if self._decoders is None:
            return None
        try:
            instances, place = _decoded(body, self._decoders)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if not instances:
            return None
        columns = list(map(list, zip(*map(msgspec.structs.astuple, instances), strict=True)))
        is_wrapped = len(place.path) > 1
        keys = len(columns) * len(instances) - self._fill_absent(columns) + is_wrapped
        if not self._has_all_colons(body, keys, columns):
            return None
        if not all(check.passes(columns[place]) for place, check in self._datetimes):
            return None
        ids = columns.pop() if self._has_ids else []
        table = dict(zip(self._names, columns, strict=True))
        return CheckedInstances(table, len(instances), ids if ids.count(None) < len(ids) else None, place)

    def most_rows(self, body: bytes) -> int:
        """The most instances that `read` could find in a body of this length."""
        return len(body) // self._smallest_bytes

    def _fill_absent(self, columns: list[list[Any]]) -> int:
        """Put None in the place of absent keys; returns the number of absent keys."""
        total = 0
        for place in self._optional:
            absent = columns[place].count(UNSET)
            if absent:
                columns[place] = [None if value is UNSET else value for value in columns[place]]
                total += absent
        return total

    def _has_all_colons(self, body: bytes, keys: int, columns: list[list[Any]]) -> bool:
        """Return True if every colon belongs to a known key or to a text. A repeated key would add one more.

        msgspec keeps the last value of a repeated key in silence, and counting is far cheaper than parsing again.
        """
        others = self._count(body, COLON) - keys
        if others == 0:
            return True
        texts = (value for place in self._texts for value in columns[place] if isinstance(value, str))
        return ESCAPED_COLON not in body and others == sum(value.count(":") for value in texts)


def _smallest_bytes(feature: Feature) -> int:
    """The bytes of the key, its quotes and colon, and a value of one digit; a nullable feature may be absent."""
    return 0 if feature.nullable else len(feature.name.encode()) + 4


def _needs_validator(schema: Schema) -> bool:
    """Return True if msgspec cannot read the schema: fractional numbers in a closed list, or names that JSON escapes.

    Names with colons would upset the count of colons.
    """
    names = (*schema.feature_names, *([schema.id] if schema.id else []))
    has_odd_name = any(ODD_IN_A_NAME.search(name) for name in names)
    return has_odd_name or any(one.type == "number" and one.allowed for one in schema.features)


def _decoded(body: bytes, decoders: _Decoders) -> tuple[list[Any], BodyPlace]:
    """The decoded instances and their place. Raises MsgspecError, UnicodeDecodeError."""
    if body[:1] == b"[":
        return decoders.several.decode(body), SEVERAL
    beginning = body[:WRAPPER_WITHIN_BYTES]
    for name, (decoder, place) in decoders.wrapped.items():
        # a text may contain the key too: then decoding fails, and the validator reads the body
        if name in beginning:
            return decoder.decode(body).instances, place
    return [decoders.single.decode(body)], SINGLE


def _decoders(schema: Schema, wrappers: Sequence[str]) -> _Decoders:
    # numbered fields, because the name of a column need not be an identifier
    names = {f"feature_{position}": feature.name for position, feature in enumerate(schema.features)}
    fields: list[Any] = [_field(name, feature) for name, feature in zip(names, schema.features, strict=True)]
    if schema.id:
        names["identity"] = schema.id
        least, greatest = ID_RANGE
        identity = str | Annotated[int, msgspec.Meta(ge=least, le=greatest)] | None | UnsetType
        fields.append(("identity", identity, UNSET))
    instance = msgspec.defstruct(
        "Instance",
        fields,
        rename=names,
        # optional fields may come before required ones only with kw_only
        kw_only=True,
        forbid_unknown_fields=True,
        # instances hold no containers, so the garbage collector need not track them
        gc=False,
    )
    several = list[instance]  # type: ignore[valid-type]
    return _Decoders(
        single=msgspec.json.Decoder(instance),
        several=msgspec.json.Decoder(several),
        wrapped={f'"{name}"'.encode(): (_wrapper(several, name), BodyPlace((BODY, name))) for name in wrappers},
    )


def _wrapper(several: Any, name: str) -> msgspec.json.Decoder[Any]:
    fields = [("instances", several)]
    kind = msgspec.defstruct("Wrapper", fields, rename={"instances": name}, forbid_unknown_fields=True)
    return msgspec.json.Decoder(kind)


def _field(name: str, feature: Feature) -> tuple[Any, ...]:
    kind = _type(feature)
    return (name, kind | None | UnsetType, UNSET) if feature.nullable else (name, kind)


def _type(feature: Feature) -> Any:
    if feature.is_boolean:
        return bool
    literals = feature.allowed or feature.levels
    if literals:
        return Literal[literals]
    if feature.is_string:
        return Annotated[str, msgspec.Meta(min_length=1)]
    if feature.is_datetime:
        # msgspec's own datetimes would round what is finer than a microsecond
        return Annotated[str, msgspec.Meta(max_length=LONGEST)]
    minimum, maximum = bounds(feature)
    if feature.type == "integer":
        return Annotated[int, msgspec.Meta(ge=math.ceil(minimum), le=math.floor(maximum))]
    return Annotated[float, msgspec.Meta(ge=float(minimum), le=float(maximum))]
