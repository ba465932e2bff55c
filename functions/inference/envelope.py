"""The envelope around every answer: compact JSON with the request that it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from functions.core.clock import now
from functions.core.errors import Fault

JSON = "application/json"
# Python 3.13 renamed these two; a client sees the same words wherever it is answered from
STABLE_PHRASES = {413: "Request Entity Too Large", 422: "Unprocessable Entity"}


def answer(
    request: Request, data: Any, *, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """`data` (dataclasses, dicts, lists, numbers) in the envelope."""
    return _respond(request, status, {"data": data}, headers)


def refusal(
    request: Request, status: int, faults: Sequence[Fault], headers: Mapping[str, str] | None = None
) -> Response:
    """The faults in the envelope; the message is the phrase of the HTTP status."""
    return _respond(request, status, {"errors": [fault.to_dict() for fault in faults]}, headers)


def _respond(request: Request, status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None) -> Response:
    document = {
        "message": STABLE_PHRASES.get(status) or HTTPStatus(status).phrase,
        "method": request.method,
        "status-code": int(status),
        "timestamp": now(),
        "url": str(request.url),
        **content,
    }
    return Response(orjson.dumps(document), status, dict(headers) if headers else None, JSON)
