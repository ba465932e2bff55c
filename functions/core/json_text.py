"""Strict parsing of JSON: no NaN, and no repeated key in an object, of which parsers keep the last value in silence."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError, KeyPath

BODY = "body"
TEXT = re.compile(rb'(?s)"[^"\\]*+(?:\\.[^"\\]*+)*+"?')
"""A text of JSON; one that never closes goes on to the end, because a search that fails there would be quadratic."""
WHITE_SPACE = b" \t\r\n"
TOO_DEEP = "lists and objects are nested in more than 250 levels"
SMALLEST_ELEMENT_BYTES = 3
"""The bytes of an empty object or array and its comma."""
GZIP = b"\x1f\x8b"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NO_NUMBERS = ("NaN", "Inf", "-In")
"""Beginnings of the values that pandas and JavaScript write for a missing number, and JSON does not have."""


class _Ambiguous(dict[str, Any]):
    """An object with repeated keys."""

    repeated: tuple[str, ...] = ()


def parse_json(body: bytes) -> Any:
    """The value of RFC 8259 JSON without NaN, Infinity and repeated keys.

    It is read in UTF-8, or in UTF-16 with a byte order mark, as training files are. Raises InvalidInputError with the
    position of the error, or with the path of each repeated key.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        body = _in_utf_8(body)
        document = _loads(body)
    repeated = repeated_keys(body, document, MAX_FAULTS)
    if repeated:
        msg = "stands more than once in its object: send each key once"
        raise InvalidInputError([Fault((BODY, *path), f"{path[-1]!r} {msg}", "repeated_key") for path in repeated])
    return document


def is_too_deep(value: Any) -> bool:
    """True for a value of JSON that cannot be written again: orjson reads four times the levels that it writes."""
    try:
        orjson.dumps(value)
    except TypeError:
        return True
    return False


def elements_beyond(body: bytes, most: int, openings: bytes = b"{") -> int:
    """The number of objects in arrays, if it is more than `most`, else 0; `openings` b"{[" counts arrays in arrays too.

    Nothing is parsed: parsed objects take twenty times the bytes of the body.
    """
    kinds = [bytes((opening,)) for opening in openings]
    if len(body) <= SMALLEST_ELEMENT_BYTES * most or sum(map(body.count, kinds)) <= most:
        return 0
    bare = TEXT.sub(b"", body).translate(None, WHITE_SPACE)
    found = sum(bare.count(before + kind) for before in (b"[", b",") for kind in kinds)
    return found if found > most else 0


def number_hint(rest: str) -> str:
    """The advice for JSON that cannot be read from `rest` on; empty if that is not a number that JSON does not have."""
    return "; JSON has no NaN or Infinity: write null" if rest.startswith(NO_NUMBERS) else ""


def not_utf_8(body: bytes | bytearray, position: int) -> str:
    """The words for a byte that cannot be read as UTF-8, with its line."""
    line = body.count(b"\n", 0, position) + 1
    return f"byte 0x{body[position]:02X} in line {line} is not UTF-8"


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _fault(error.pos, f"{error.msg}{number_hint(error.doc[error.pos :])}") from None


def _in_utf_8(body: bytes) -> bytes:
    """The body in UTF-8 without a byte order mark; raises InvalidInputError for gzip and for other encodings."""
    if body.startswith(GZIP):
        hint = "send it unpacked; training rows may also be a .json.gz file, by POST .../uploads"
        raise _fault(0, f"the body is compressed with gzip: {hint}")
    encoding = "utf-16" if body.startswith(UTF_16) else "utf-8-sig"
    try:
        return body.decode(encoding).encode()
    except UnicodeDecodeError as error:
        words = not_utf_8(body, error.start) if encoding != "utf-16" else "the body begins as UTF-16, but is damaged"
        raise _fault(error.start, f"{words}: send the JSON in UTF-8") from None


def _fault(position: int, msg: str) -> InvalidInputError:
    return InvalidInputError([Fault((BODY, position), f"not JSON: {msg}", "json_invalid")])


def repeated_keys(body: bytes, document: Any, limit: int) -> list[KeyPath]:
    """The paths of at most `limit` repeated keys in the objects of `document`, which was parsed from `body`.

    Every key has a colon, so a body with as many colons as keys repeats none; any other body is parsed again.
    Objects nested too deeply for Python's own parser are not searched: no request has a use for them.
    """
    if body.count(b":") == _keys(document):
        return []
    try:
        # only keys matter here, and Python refuses to parse integers of more than 4300 digits
        return list(islice(_places(json.loads(body, object_pairs_hook=_object, parse_int=float), ()), limit))
    except RecursionError:
        return []


def _keys(document: Any) -> int:
    """The number of keys of an object, with the objects in it and in its arrays, or of the objects in an array."""
    if isinstance(document, list):
        return _keys_of(document)
    if not isinstance(document, dict):
        return 0
    arrays = (value for value in document.values() if isinstance(value, list))
    return len(document) + _keys_of(document.values()) + sum(map(_keys_of, arrays))


def _keys_of(objects: Iterable[Any]) -> int:
    return sum(len(one) for one in objects if isinstance(one, dict))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    counts = Counter(name for name, _ in pairs)
    ambiguous = _Ambiguous(members)
    ambiguous.repeated = tuple(name for name, count in counts.items() if count > 1)
    return ambiguous


def _places(document: Any, path: KeyPath) -> Iterator[KeyPath]:
    if isinstance(document, _Ambiguous):
        yield from ((*path, name) for name in document.repeated)
    if isinstance(document, dict):
        children: Iterable[tuple[str | int, Any]] = document.items()
    elif isinstance(document, list):
        children = enumerate(document)
    else:
        return
    for step, value in children:
        yield from _places(value, (*path, step))
