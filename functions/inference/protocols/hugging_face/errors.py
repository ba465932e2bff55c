"""Errors in the form of the Hugging Face Inference API: {"error": "..."}."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from functions.core.errors import DespliegueError, Fault, InvalidInputError, NotReadyError
from functions.inference.envelope import JSON
from functions.inference.failures import RETRY_AFTER_SECONDS, OwnRefusals, status_of

logger = logging.getLogger(__name__)
MOST_FAULTS = 20
LONGEST_FAULT = 200
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class HuggingFaceRoute(OwnRefusals):
    """A route for POST that answers errors without the envelope."""

    def __init__(self, path: str, endpoint: Endpoint) -> None:
        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except DespliegueError as error:
                return self.refusal(request, error)
            except ClientDisconnect:
                raise  # nobody reads the answer; failures.py handles it for all routes
            except Exception as error:
                logger.error("%s %s: unexpected error", request.method, request.url.path, exc_info=error)
                return _respond(500, {"error": "an unexpected error; it was logged"})

        super().__init__(path, answer, methods=["POST"])

    def refusal(self, request: Request, error: DespliegueError) -> Response:
        status = status_of(error)
        document: dict[str, Any] = {"error": _text(error)}
        if status >= 500:
            logger.error("%s %s: %s", request.method, request.url.path, error)
        if isinstance(error, NotReadyError):
            document["estimated_time"] = float(RETRY_AFTER_SECONDS)
        return _respond(status, document, {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else None)


def _text(error: DespliegueError) -> str:
    if not isinstance(error, InvalidInputError):
        return error.public
    more = [f"and {len(error.faults) - MOST_FAULTS} more"] if len(error.faults) > MOST_FAULTS else []
    return "; ".join([*map(_fault, error.faults[:MOST_FAULTS]), *more])


def _fault(fault: Fault) -> str:
    return _brief(f"{fault.place}: {fault.msg}" if fault.place else fault.msg)


def _brief(text: str) -> str:
    return text if len(text) <= LONGEST_FAULT else f"{text[:LONGEST_FAULT]}..."


def _respond(status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, dict(headers or {}), JSON)
