"""Keys that stand twice in one object of a JSON body: parsers keep the last value, whichever was meant."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

Place = tuple[str | int, ...]


class _Ambiguous(dict[str, Any]):
    """An object in which some keys stand more than once."""

    repeated: tuple[str, ...] = ()


def repeated_keys(body: bytes, document: Any, limit: int) -> list[Place]:
    """Where in `document`, parsed from `body`, keys stand more than once: the path of each, at most `limit`.

    Every key has its colon, so a body without more colons than keys is told at once; others are parsed again.
    Nothing is told of objects nested too deep for Python's own parser: no request has a use for them.
    """
    if body.count(b":") == _keys(document):
        return []
    try:
        return list(islice(_places(json.loads(body, object_pairs_hook=_object, parse_int=float), ()), limit))
    except RecursionError:
        return []


def _keys(document: Any) -> int:
    """The keys of an object, of the objects in it and in its arrays, or of those in an array."""
    if isinstance(document, list):
        return _keys_of(document)
    if not isinstance(document, dict):
        return 0
    arrays = (value for value in document.values() if isinstance(value, list))
    return len(document) + _keys_of(document.values()) + sum(map(_keys_of, arrays))


def _keys_of(objects: Iterable[Any]) -> int:
    return sum(len(one) for one in objects if isinstance(one, dict))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counts = Counter(name for name, _ in pairs)
    ambiguous = _Ambiguous(found)
    ambiguous.repeated = tuple(name for name, count in counts.items() if count > 1)
    return ambiguous


def _places(document: Any, path: Place) -> Iterator[Place]:
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
