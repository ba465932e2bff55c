"""Answers that a client may keep, and asks whether they have changed (RFC 9110, section 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

ASK_FIRST = "no-cache"
"""The Cache-Control of an answer that may be kept, but shown again only after the server was asked."""


def entity_tag(body: bytes) -> str:
    """The ETag of a body; weak, because the compressed body has the same one."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


def unless_known(
    request: Request, body: bytes, media_type: str, etag: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The answer with this `body`, or 304 without it for a client that names its `etag` in If-None-Match."""
    known = {**(headers or {}), "ETag": etag, "Cache-Control": ASK_FIRST}
    if _names(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=known)
    return Response(body, headers=known, media_type=media_type)


def _names(if_none_match: str, etag: str) -> bool:
    """Weak comparison: a proxy that changes an answer may have made the tag weak, or taken that mark off."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
