"""Documents from outside (TOML, JSON, a command's context) as dataclasses: every fault at once, each with its key.

A field is read strictly by its annotation: neither true nor NaN is a number, and 1 is not a text. An annotation may
set bounds (`Annotated[int, msgspec.Meta(ge=1)]`); a fault quotes the `description` of its Meta as the expectation.

msgspec.convert alone would stop at the first fault, and would name it by a path of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Protocol, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec

from functions.core.errors import DocumentError, KeyFault, KeyPath
from functions.core.expectations import (
    UNIONS,
    array_of,
    bare_of,
    description_of,
    expectation,
    leaves_of,
    metas_of,
    shown_value,
    without_none,
)

_Kind = TypeVar("_Kind")
WIDEST_INTEGERS = range(-(2**63), 2**63)
"""The whole numbers that orjson writes; TOML can hold any."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The differences between the keys of a section and its dataclass: `Annotated[Feature, Keys(...)]`.

    In a mapping of sections, the key of each section becomes the field `named_by_key`. `unset` lists fields that a
    document may not set.
    """

    named_by_key: str | None = None
    unset: tuple[str, ...] = ()


EVERY_FIELD = Keys()
_REFUSED: Any = object()


def read_document(document: object, kind: type[_Kind], source: str, *, bounds: bool = True) -> _Kind:
    """The dataclass `kind` from the keys and values of a document that was read at `source`.

    Without `bounds` only types are checked, so that a file is still read after a bound became stricter.
    The rules between fields are in the `__post_init__` of the dataclasses, which call `require_no_faults`.
    Raises DocumentError with every fault.
    """
    faults: list[KeyFault] = []
    annotation: Any = kind
    try:
        value = _shape(annotation, bounds).read(document, (), faults)
    except RecursionError:
        faults = [KeyFault((), "a document", "one nested too deep")]
    if faults:
        raise DocumentError(source, faults)
    return cast(_Kind, value)


def require_no_faults(source: str, faults: Iterable[KeyFault]) -> None:
    """Raise DocumentError if there is any fault."""
    listed = tuple(faults)
    if listed:
        raise DocumentError(source, listed)


def fault(key: str | KeyPath, expected: str, found: object, hint: str = "") -> KeyFault:
    """A broken rule: the value `found` under `key` is not what is expected."""
    return KeyFault((key,) if isinstance(key, str) else key, expected, shown_value(found), hint)


class _Shape(Protocol):
    """Reader of the values of one annotation. It adds what is wrong to `faults`, and returns None then."""

    @property
    def expected(self) -> str: ...

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any: ...


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A value that msgspec converts whole; numbers stay as they are written, so that 1 does not become 1.0."""

    hint: Any
    expected: str
    is_number: bool

    def converted(self, value: Any, hint: Any) -> Any:
        """The value from msgspec; _REFUSED for one that does not fit, and for numbers that JSON cannot hold."""
        try:
            converted = msgspec.convert(value, hint)
        except msgspec.ValidationError:
            return _REFUSED
        if not self.is_number or converted is None:
            return converted
        # the written value, since msgspec made 1.0 of 1 for a float, and 1e23 of a whole number that JSON cannot hold
        written = _as_tuples(value) if isinstance(converted, tuple) else value
        return written if _is_writable(written) else _REFUSED

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        converted = self.converted(value, self.hint)
        if converted is not _REFUSED:
            return converted
        faults.append(KeyFault(key, self.expected, shown_value(value)))
        return None


@dataclass(frozen=True, slots=True)
class _Free:
    """Any value that JSON can hold."""

    expected: str = "a value of JSON"

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                self.read(inner, (*key, name), faults)
        elif isinstance(value, list | tuple):
            for place, inner in enumerate(value):
                self.read(inner, (*key, place), faults)
        elif isinstance(value, int | float) and not _is_writable(value):
            faults.append(KeyFault(key, "a finite number of at most 64 bits", shown_value(value)))
        elif not isinstance(value, str | int | float | None):
            faults.append(KeyFault(key, "text, a number, true, false, an array or a section", shown_value(value)))
        return value


@dataclass(frozen=True, slots=True)
class _Optional:
    inner: _Shape

    @property
    def expected(self) -> str:
        return self.inner.expected

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        return None if value is None else self.inner.read(value, key, faults)


@dataclass(frozen=True, slots=True)
class _Array:
    item: _Shape
    expected: str
    least: int = 0

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        if not isinstance(value, list | tuple) or len(value) < self.least:
            faults.append(KeyFault(key, self.expected, shown_value(value)))
            return None
        # the whole array at once; item by item only to find what is wrong
        if isinstance(self.item, _Leaf):
            items = self.item.converted(value, tuple[self.item.hint, ...])  # type: ignore[name-defined]
            if items is not _REFUSED:
                return items
        return tuple([self.item.read(one, (*key, place), faults) for place, one in enumerate(value)])


@dataclass(frozen=True, slots=True)
class _OneOrSeveral:
    """A section, or an array of such sections: `[target]`, or `[[target]]` several times."""

    one: _Shape
    several: _Shape

    @property
    def expected(self) -> str:
        return f"{self.one.expected}, or {self.several.expected}"

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        return (self.several if isinstance(value, list | tuple) else self.one).read(value, key, faults)


@dataclass(frozen=True, slots=True)
class _Table:
    """A mapping of free keys."""

    item: _Shape
    expected: str = "a section of keys and values"

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        if not isinstance(value, Mapping):
            faults.append(KeyFault(key, self.expected, shown_value(value)))
            return None
        return {name: self.item.read(one, (*key, name), faults) for name, one in value.items()}


@dataclass(frozen=True, slots=True)
class _Field:
    shape: _Shape
    is_required: bool


@dataclass(frozen=True, slots=True)
class _Section:
    """A dataclass. Its faults keep the order of the document, and missing keys come last."""

    kind: Any
    fields: Mapping[str, _Field]
    named_by_key: str | None
    expected: str = "a section of keys and values"

    def read(self, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        if not isinstance(value, Mapping):
            faults.append(KeyFault(key, self.expected, shown_value(value)))
            return None
        before = len(faults)
        given = {name: self._field(name, one, (*key, name), faults) for name, one in value.items()}
        faults += self._missing(value, key)
        if len(faults) > before:
            return None
        if self.named_by_key is not None:
            given[self.named_by_key] = key[-1]
        try:
            return self.kind(**given)
        except DocumentError as error:
            faults += [one.within(key) for one in error.faults]
        return None

    def _field(self, name: str, value: object, key: KeyPath, faults: list[KeyFault]) -> Any:
        known = self.fields.get(name)
        if known is not None:
            return known.shape.read(value, key, faults)
        expected = f"one of the keys {', '.join(sorted(self.fields))}"
        faults.append(KeyFault(key, expected, "an unknown one", _nearest(name, self.fields)))
        return None

    def _missing(self, value: Mapping[str, object], key: KeyPath) -> Iterator[KeyFault]:
        for name, known in self.fields.items():
            if known.is_required and name not in value:
                yield KeyFault((*key, name), known.shape.expected, "nothing")


@cache
def _shape(hint: Any, bounds: bool) -> _Shape:
    bare, notes = bare_of(hint)
    if is_dataclass(bare):
        return _section(bare, next((note for note in notes if isinstance(note, Keys)), EVERY_FIELD), bounds)
    if bare is Any:
        return _Free()
    rest = without_none(bare)
    if rest is not None:
        return _Optional(_shape(rest, bounds))
    origin, arguments = get_origin(bare), get_args(bare)
    if origin in UNIONS and is_dataclass(bare_of(arguments[0])[0]):
        return _OneOrSeveral(*(_shape(one, bounds) for one in arguments))
    if origin in (Mapping, dict):
        return _Table(_shape(arguments[1], bounds))
    if _is_array(bare):
        return _array(arguments[0], notes, bounds)
    is_number = not leaves_of(bare).isdisjoint((int, float))
    return _Leaf(hint if bounds else bare, expectation(bare, notes if bounds else ()), is_number)


def _section(kind: Any, keys: Keys, bounds: bool) -> _Section:
    hints = get_type_hints(kind, include_extras=True)
    known = {
        one.name: _Field(_shape(hints[one.name], bounds), one.default is MISSING and one.default_factory is MISSING)
        for one in fields(kind)
        if one.init and one.name not in (*keys.unset, keys.named_by_key)
    }
    return _Section(kind, known, keys.named_by_key)


def _array(item: Any, notes: Sequence[Any], bounds: bool) -> _Array:
    metas = metas_of(notes) if bounds else []
    least = max((meta.min_length or 0 for meta in metas), default=0)
    return _Array(_shape(item, bounds), description_of(metas) or array_of(item, least), least)


def _is_array(hint: Any) -> bool:
    arguments = get_args(hint)
    return get_origin(hint) in (list, Sequence) or (get_origin(hint) is tuple and arguments[-1:] == (Ellipsis,))


def _as_tuples(value: Any) -> tuple[Any, ...]:
    """An array, and the arrays in it, as tuples."""
    if not any(isinstance(one, list | tuple) for one in value):
        return tuple(value)
    return tuple(_as_tuples(one) if isinstance(one, list | tuple) else one for one in value)


def _is_writable(value: object) -> bool:
    """Return True if JSON can hold the numbers of a value: finite, and of at most 64 bits where they are whole."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value in WIDEST_INTEGERS
    return not isinstance(value, tuple) or _are_writable(value)


def _are_writable(values: tuple[object, ...]) -> bool:
    kinds = set(map(type, values))
    return all(map(math.isfinite, values)) if kinds == {float} else all(map(_is_writable, values))  # type: ignore[arg-type]


def _nearest(name: object, known: Iterable[str]) -> str:
    import difflib  # not at the top: a cold start without faults does not need it

    near = difflib.get_close_matches(str(name).lower(), known, n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else ""
