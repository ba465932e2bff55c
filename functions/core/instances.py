"""Well-formed requests straight into columns, checked while they are parsed.

The schema is compiled to msgspec types: a closed list or the levels seen in training become literals, ranges
become bounds. Whatever does not fit is no error here: the validator looks at it and says what is wrong, or
lets it pass. So nothing is accepted that the validator refuses, and the values are equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from functions.core.schema import Feature, Schema, Table
from functions.core.validation import ID_RANGE, bounds

COLON = b":"
ESCAPED_COLON = b"\\u003"
WRAPPER = b'"instances"'
WRAPPER_WITHIN_BYTES = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """Validated instances as columns; `ids` are None where no instance has one."""

    table: Table
    rows: int
    ids: list[Any] | None


class InstanceReader:
    """Reads requests for one schema; made once for each and used for many."""

    def __init__(self, schema: Schema) -> None:
        self._names = schema.feature_names
        self._has_ids = schema.id is not None
        self._optional = [place for place, feature in enumerate(schema.features) if feature.nullable]
        self._texts = [place for place, feature in enumerate(schema.features) if feature.is_string]
        if self._has_ids:
            self._optional.append(len(self._names))
            self._texts.append(len(self._names))
        self._decoders = None if any(_needs_validator(one) for one in schema.features) else _decoders(schema)

    def read(self, body: bytes) -> Batch | None:
        """The instances of a request body in any of its three forms, in order.

        None for a body that is not JSON, has no instance, or holds anything unusual: a fault, a level never
        seen, 2014.0 for an integer, a key twice in one object.
        """
        if self._decoders is None:
            return None
        is_wrapped = False
        single, several, wrapped = self._decoders
        try:
            if body[:1] == b"[":
                instances = several.decode(body)
            elif WRAPPER in body[:WRAPPER_WITHIN_BYTES]:
                is_wrapped = True
                instances = wrapped.decode(body).instances
            else:
                instances = [single.decode(body)]
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if not instances:
            return None
        columns = list(map(list, zip(*map(msgspec.structs.astuple, instances), strict=True)))
        keys = len(columns) * len(instances) - self._fill_absent(columns) + is_wrapped
        if not self._has_all_colons(body, keys, columns):
            return None
        ids = columns.pop() if self._has_ids else []
        table = dict(zip(self._names, columns, strict=True))
        return Batch(table, len(instances), ids if any(one is not None for one in ids) else None)

    def _fill_absent(self, columns: list[list[Any]]) -> int:
        """Put None where an instance has no such key; returns how many keys are absent."""
        total = 0
        for place in self._optional:
            absent = columns[place].count(UNSET)
            if absent:
                columns[place] = [None if value is UNSET else value for value in columns[place]]
                total += absent
        return total

    def _has_all_colons(self, body: bytes, keys: int, columns: list[list[Any]]) -> bool:
        """Whether the colons are those of the keys and of the texts; a key that stands twice brings one more."""
        others = body.count(COLON) - keys
        if others == 0:
            return True
        texts = (value for place in self._texts for value in columns[place] if isinstance(value, str))
        return ESCAPED_COLON not in body and others == sum(value.count(":") for value in texts)


def _needs_validator(feature: Feature) -> bool:
    """A closed list of fractional numbers is no literal."""
    return feature.type == "number" and bool(feature.allowed)


def _decoders(schema: Schema) -> tuple[msgspec.json.Decoder[Any], ...]:
    # fields are numbered: a column's name need not be an identifier
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
        kw_only=True,
        forbid_unknown_fields=True,
        gc=False,
    )
    wrapper = msgspec.defstruct("Wrapper", [("instances", list[instance])], forbid_unknown_fields=True)  # type: ignore[valid-type]
    return tuple(msgspec.json.Decoder(kind) for kind in (instance, list[instance], wrapper))  # type: ignore[valid-type]


def _field(name: str, feature: Feature) -> tuple[Any, ...]:
    kind = _type(feature)
    return (name, kind | None | UnsetType, UNSET) if feature.nullable else (name, kind)


def _type(feature: Feature) -> Any:
    literals = feature.allowed or feature.levels
    if literals:
        return Literal[literals]
    if feature.is_string:
        return Annotated[str, msgspec.Meta(min_length=1)]
    minimum, maximum = bounds(feature)
    if feature.type == "integer":
        return Annotated[int, msgspec.Meta(ge=math.ceil(minimum), le=math.floor(maximum))]
    return Annotated[float, msgspec.Meta(ge=float(minimum), le=float(maximum))]
