"""Errors as HTTP answers: one table of statuses, one envelope."""

from __future__ import annotations

import logging
import re

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from functions.core.errors import (
    MAX_FAULTS,
    ConflictError,
    DamagedRecordError,
    DamagedVersionError,
    DespliegueError,
    Fault,
    InvalidInputError,
    NotFoundError,
    NotReadyError,
    PreconditionFailedError,
    StorageError,
    TooLargeError,
    UnsupportedFormatError,
    UnsupportedMediaTypeError,
)
from functions.core.json_text import BODY
from functions.inference.envelope import refusal

logger = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5
METHODS = ("GET", "POST", "PUT")

# Subclasses take the status of their nearest parent, so that a new error of the core has one at once.
# Damage and a foreign format are 503, as they end when an operator rolls back or installs a newer Despliegue.
STATUSES: dict[type[DespliegueError], int] = {
    NotFoundError: 404,
    InvalidInputError: 422,
    TooLargeError: 413,
    UnsupportedMediaTypeError: 415,
    ConflictError: 409,
    PreconditionFailedError: 409,
    NotReadyError: 503,
    DamagedVersionError: 503,
    DamagedRecordError: 503,
    UnsupportedFormatError: 503,
    StorageError: 503,
    DespliegueError: 500,
}


class OwnRefusals(APIRoute):
    """A route of a protocol that has its own form of errors."""

    def refusal(self, request: Request, error: DespliegueError) -> Response:
        """The answer that refuses a request with `error`."""
        raise NotImplementedError


def refuse(request: Request, error: DespliegueError) -> Response:
    """The answer to an error that was raised outside of the route, in the form of the route's protocol."""
    route = request.scope.get("route")
    return route.refusal(request, error) if isinstance(route, OwnRefusals) else _despliegue_error(request, error)


def install(app: FastAPI) -> None:
    """Answer every error of `app` in the envelope."""
    app.add_exception_handler(DespliegueError, _despliegue_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    # Starlette's own class, which FastAPI's extends: unknown paths and methods raise it
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected_error)


def status_of(error: DespliegueError) -> int:
    """The HTTP status of the nearest class of `error` in the table."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def _despliegue_error(request: Request, error: Exception) -> Response:
    # Starlette types every handler for any Exception, and calls this one for its own class alone
    assert isinstance(error, DespliegueError)  # noqa: S101
    status = status_of(error)
    if status >= 500:
        logger.error("%s %s: %s", request.method, request.scope["path"], error)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else None
    if isinstance(error, InvalidInputError):
        return refusal(request, status, error.faults, headers)
    return refusal(request, status, [Fault((), str(error), _kind(error))], headers)


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [Fault(tuple(found["loc"]), found["msg"], found["type"]) for found in error.errors()[:MAX_FAULTS]]
    return refusal(request, 422, faults)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    fault = Fault((), f"{error.detail}: {request.method} {request.scope['path']}", f"http_{error.status_code}")
    headers = {"Allow": ", ".join(_allowed(request))} if error.status_code == 405 else error.headers
    return refusal(request, error.status_code, [fault], headers)


def _allowed(request: Request) -> list[str]:
    """All methods of the path. Starlette names the methods of one route alone, and a path may have several routes."""
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    allowed = [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]
    return [*allowed, "HEAD"] if "GET" in allowed else allowed


def _gone(request: Request, error: Exception) -> Response:
    """An answer that nobody reads: the client went away before its body was whole."""
    return refusal(request, 400, [Fault((BODY,), "the body ended before its announced length", "incomplete")])


def _unexpected_error(request: Request, error: Exception) -> Response:
    # the text of an error of any library may hold what was sent, or a secret: it goes to the log alone
    logger.error("%s %s: unexpected error", request.method, request.scope["path"], exc_info=error)
    return refusal(request, 500, [Fault((), "an unexpected error; it was logged", "internal_error")])


def _kind(error: DespliegueError) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()
