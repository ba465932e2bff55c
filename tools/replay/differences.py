"""Differences of two answers, each with its path in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tools.replay.answers import Answer
from tools.replay.requests import Request

ABSENT = "(absent)"
LENGTH = "content-length"
AROUND = 60
"""Characters that are shown on each side of the first difference of two texts."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; its `path` is status, headers.NAME, body.KEY..., or body for a text."""

    request: str
    path: str
    before: str
    after: str


def differences(request: Request, before: Answer, after: Answer) -> list[Difference]:
    """All differences of two masked answers to one request, but for a Content-Length that follows from the body."""
    implied = {LENGTH} if before.body != after.body else set()
    heads = (
        {"status": one.status, "headers": {name: one.headers[name] for name in one.headers if name not in implied}}
        for one in (before, after)
    )
    apart = [*_apart("", *heads), *_bodies(request, before, after)]
    return [Difference(request.name, path.removeprefix("."), old, new) for path, old, new in apart]


def _bodies(request: Request, before: Answer, after: Answer) -> Iterator[tuple[str, str, str]]:
    if before.body == after.body:
        return
    old, new = before.document, after.document
    if not isinstance(old, dict | list) or not isinstance(new, dict | list):
        yield ("body", *_excerpts(before.body, after.body))
        return
    apart = list(_apart("body", old, new))
    if apart:
        yield from apart
    elif not request.is_document:
        yield ("body (spelling)", *_excerpts(before.body, after.body))


def _apart(path: str, old: Any, new: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _apart_by_key(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _apart_by_key(path, dict(enumerate(old)), dict(enumerate(new)))
    elif _spelled(old) != _spelled(new):
        yield path, _spelled(old), _spelled(new)


def _apart_by_key(path: str, old: Mapping[Any, Any], new: Mapping[Any, Any]) -> Iterator[tuple[str, str, str]]:
    for key in [*old, *(one for one in new if one not in old)]:
        inner = f"{path}.{key}"
        if key not in old:
            yield inner, ABSENT, _spelled(new[key])
        elif key not in new:
            yield inner, _spelled(old[key]), ABSENT
        else:
            yield from _apart(inner, old[key], new[key])


def _spelled(value: Any) -> str:
    """The value as JSON, which keeps 1, 1.0 and true apart."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _excerpts(old: str, new: str) -> tuple[str, str]:
    """Both texts around the first place at which they differ."""
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, first - AROUND)
    return old[start : first + AROUND], new[start : first + AROUND]
