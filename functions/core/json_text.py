"""Strict parsing of JSON: no NaN, and no repeated key in an object, of which parsers keep the last value in silence."""

from __future__ import annotations

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
SMALLEST_ELEMENT_BYTES = 3
"""The bytes of an empty object or array and its comma."""


class _Ambiguous(dict[str, Any]):
    """An object with repeated keys."""

    repeated: tuple[str, ...] = ()


def parse_json(body: bytes) -> Any:
    """The value of RFC 8259 JSON in UTF-8, without NaN, Infinity and repeated keys.

    Raises InvalidInputError with the position of the error, or with the path of each repeated key.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError([Fault((BODY, error.pos), f"not JSON: {error.msg}", "json_invalid")]) from None
    repeated = repeated_keys(body, document, MAX_FAULTS)
    if repeated:
        msg = "stands more than once in its object: send each key once"
        raise InvalidInputError([Fault((BODY, *path), f"{path[-1]!r} {msg}", "repeated_key") for path in repeated])
    return document


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
