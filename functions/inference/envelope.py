"""The envelope around every answer: compact JSON with the request that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from functions.core.clock import now
from functions.core.errors import Fault
from functions.inference.addresses import asked_origin

JSON = "application/json"
# a fault quotes what was sent, a key of megabytes too
LONGEST_LOC_NAME = 200
LONGEST_MESSAGE = 2000
PHRASES: Mapping[int, str] = {
    **{status: status.phrase for status in HTTPStatus},
    # Python 3.13 renamed these two after RFC 9110; a client sees the same words from every Python
    413: "Request Entity Too Large",
    422: "Unprocessable Entity",
}


def answer(
    request: Request, data: Any, *, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """`data` (dataclasses, dicts, lists, numbers, and what writes itself by `to_json`) in the envelope."""
    return _respond(request, status, {"data": data}, headers)


def refusal(
    request: Request, status: int, faults: Sequence[Fault], headers: Mapping[str, str] | None = None
) -> Response:
    """`faults` in the envelope; the message is the phrase of the HTTP status."""
    return _respond(request, status, {"errors": [_brief(fault).to_dict() for fault in faults]}, headers)


def _brief(fault: Fault) -> Fault:
    """The fault with long names cut, so that an answer stays smaller than the body it refuses."""
    loc = tuple(part if isinstance(part, int) else _cut(part, LONGEST_LOC_NAME) for part in fault.loc)
    return Fault(loc, _cut(fault.msg, LONGEST_MESSAGE), fault.type)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _asked_url(request: Request) -> str:
    """The URL as the client wrote it, before BelowBasePath and ForgivingPaths changed its path."""
    scope = request.scope
    query = scope["query_string"].decode("latin-1")
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
    return f"{asked_origin(request)}{path}{'?' if query else ''}{query}"


def _respond(request: Request, status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None) -> Response:
    document = {
        "message": PHRASES[status],
        "method": request.method,
        "status-code": int(status),
        "timestamp": now(),
        "url": _asked_url(request),
        **content,
    }
    # orjson writes dataclasses without a copy, and NaN as null
    body = orjson.dumps(document, default=_written)
    return Response(body, status, dict(headers) if headers else None, JSON)


def _written(value: Any) -> orjson.Fragment:
    return orjson.Fragment(value.to_json())
