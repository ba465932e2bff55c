"""Answers as a recording keeps them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

UNHEARD = frozenset({"date", "connection", "server"})
"""Headers that come from the server program, not from the application."""
LONGEST_TEXT = 300_000
"""Longer bodies (assets of the documentation) are kept as a digest only."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is None where a function answered an event that is no HTTP request."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def document(self) -> Any:
        """The body as JSON; None where it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def http_answer(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
    """An answer over HTTP; headers that come twice are joined by commas."""
    kept: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        if lower not in UNHEARD:
            kept[lower] = f"{kept[lower]}, {value}" if lower in kept else value
    return Answer(status, kept, _text(body))


def event_answer(document: Any) -> Answer:
    """The answer of a function to an event, in the form of an HTTP answer where it is one."""
    if not isinstance(document, Mapping) or "statusCode" not in document:
        return Answer(None, {}, json.dumps(document, ensure_ascii=False))
    body = str(document.get("body", ""))
    content = base64.b64decode(body) if document.get("isBase64Encoded") else body.encode()
    others = {
        f"event-{name.lower()}": json.dumps(value)
        for name, value in document.items()
        if name not in ("statusCode", "headers", "body")
    }
    return http_answer(document["statusCode"], [*document.get("headers", {}).items(), *others.items()], content)


def _text(body: bytes) -> str:
    if len(body) > LONGEST_TEXT:
        return f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()}"
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"base64 {base64.b64encode(body).decode()}"
