"""Errors as HTTP answers: one table of statuses, one envelope."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from functions.core.definition import Definition
from functions.core.errors import (
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
    TooSlowError,
    UnsupportedFormatError,
    UnsupportedMediaTypeError,
)
from functions.core.json_text import BODY
from functions.core.routes import ROUTES
from functions.inference.envelope import refusal

logger = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 5
METHODS: tuple[str, ...] = tuple(dict.fromkeys(route.method for route in ROUTES))

# Subclasses take the status of their nearest parent, so that a new error of the core has one at once.
# Damage and a foreign format are 503, as they end when an operator rolls back or installs a newer Despliegue.
STATUSES: dict[type[DespliegueError], int] = {
    NotFoundError: 404,
    InvalidInputError: 422,
    TooLargeError: 413,
    TooSlowError: 408,
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


class OwnRefusals(Route):
    """A route of a protocol that has its own form of errors."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            # for `refuse`: Starlette's router writes it into the scope, and FastAPI's does so for its own routes alone
            child_scope["route"] = self
        return match, child_scope

    def refusal(self, request: Request, error: DespliegueError) -> Response:
        """The answer that refuses a request with `error`."""
        raise NotImplementedError


def refuse(request: Request, error: DespliegueError) -> Response:
    """The answer to an error that was raised outside of the route, in the form of the route's protocol."""
    route = request.scope.get("route")
    return route.refusal(request, error) if isinstance(route, OwnRefusals) else _despliegue_error(request, error)


def install(app: Starlette, definitions: Iterable[Definition] = ()) -> None:
    """Answer every error of `app` in the envelope; `definitions` are for advice to who calls a model wrongly."""
    app.state.definitions = {definition.name: definition for definition in definitions}
    app.add_exception_handler(DespliegueError, _inline(_despliegue_error))
    # Starlette's own class, which FastAPI's extends: unknown paths and methods raise it
    app.add_exception_handler(HTTPException, _inline(_http_error))
    app.add_exception_handler(ClientDisconnect, _inline(_gone))
    app.add_exception_handler(Exception, _inline(_unexpected_error))


def status_of(error: DespliegueError) -> int:
    """The HTTP status of the nearest class of `error` in the table."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def _inline(respond: Callable[[Request, Exception], Response]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A handler that answers on the event loop; Starlette runs plain functions in a thread, which takes longer."""

    async def handle(request: Request, error: Exception) -> Response:
        return respond(request, error)

    return handle


def _despliegue_error(request: Request, error: Exception) -> Response:
    # Starlette types every handler for any Exception, and calls this one for its own class alone
    assert isinstance(error, DespliegueError)  # noqa: S101
    status = status_of(error)
    if status >= 500:
        logger.error("%s %s: %s", request.method, request.scope["path"], error)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else None
    if isinstance(error, InvalidInputError):
        return refusal(request, status, error.faults, headers)
    return refusal(request, status, [Fault((), error.public, _kind(error))], headers)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if error.status_code == 405:
        return _wrong_method(request)
    return refusal(request, error.status_code, [_http_fault(request, error.status_code, error.detail)], error.headers)


def _http_fault(request: Request, status: int, detail: str) -> Fault:
    return Fault((), f"{detail}: {request.method} {request.scope['path']}", f"http_{status}")


def _wrong_method(request: Request) -> Response:
    """The answer to a method that the path does not have; a wrong name of a model counts first."""
    definitions: Mapping[str, Definition] = request.app.state.definitions
    _, collection, *names = request.scope["path"].split("/")
    known = {*definitions, *(definition.hub_id for definition in definitions.values())}
    if definitions and collection == "models" and names and known.isdisjoint((names[0], "/".join(names[:2]))):
        return _despliegue_error(request, NotFoundError("model", names[0], list(definitions)))
    allowed = ", ".join(_allowed(request))
    fault = _http_fault(request, 405, "Method Not Allowed")
    fault, headers = replace(fault, msg=f"{fault.msg}, which takes {allowed}"), {"Allow": allowed}
    if request.method == "POST" and len(names) == 1 and names[0] in definitions:
        # who posts to the name of a model speaks the Hugging Face protocol; its Python client shows this header
        task = definitions[names[0]].task
        advice = f"{names[0]} does {task}, which is asked by POST /models/{names[0]}/predict"
        fault, headers["X-Error-Message"] = replace(fault, msg=f"{fault.msg}: {advice}"), advice
    return refusal(request, 405, [fault], headers)


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
