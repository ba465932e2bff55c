"""Fields of a protobuf message, read and written without a library: serving has none, and needs few fields of a graph.

https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5
CONTINUED = 0x80


class WireFormatError(ValueError):
    """Bytes that are no protobuf message, or one with fields of a kind that messages of ONNX do not have."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `value` is its content, `whole` all of it with tag and length; `varint` is the number of a varint."""

    tag: int
    value: memoryview
    whole: memoryview
    varint: int = 0
    is_bytes: bool = True


def fields(message: memoryview) -> Iterator[Field]:
    """The fields of a message, in order. Raises WireFormatError."""
    place = 0
    while place < len(message):
        start = place
        key, place = _varint(message, place)
        kind, varint, begin = key & 7, 0, place
        if kind == VARINT:
            varint, place = _varint(message, place)
        elif kind == BYTES:
            size, begin = _varint(message, place)
            place = begin + size
        elif kind in (FIXED_32, FIXED_64):
            place += 4 if kind == FIXED_32 else 8
        else:
            raise WireFormatError(f"no field of a message has the wire type {kind}")
        if place > len(message):
            raise WireFormatError("the message ends within a field")
        yield Field(key >> 3, message[begin:place], message[start:place], varint, kind == BYTES)


def varints(packed: memoryview) -> Iterator[int]:
    """The numbers of a packed field of int64, in order."""
    place = 0
    while place < len(packed):
        number, place = _varint(packed, place)
        yield signed(number)


def signed(number: int) -> int:
    """A varint as an int64, which is negative from 2^63 on."""
    return number - 2**64 if number >= 2**63 else number


def field(tag: int, value: bytes) -> bytes:
    """A field of bytes: a text, or another message."""
    return head(tag, len(value)) + value


def head(tag: int, size: int) -> bytes:
    """The beginning of a field of `size` bytes."""
    return _written(tag << 3 | BYTES) + _written(size)


def varint_field(tag: int, number: int) -> bytes:
    """A field of a number of at least 0."""
    return _written(tag << 3 | VARINT) + _written(number)


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """The varint that begins at `place`, and the place after it."""
    number = shift = 0
    while place < len(message) and shift < 70:
        byte = message[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < CONTINUED:
            return number, place
        shift += 7
    raise WireFormatError("a varint does not end")


def _written(number: int) -> bytes:
    groups = bytearray()
    while number >= CONTINUED:
        groups.append((number & 0x7F) | CONTINUED)
        number >>= 7
    return bytes((*groups, number))
