"""FastAPI's application over routers, and over plain routes, such as those that predict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from functions import SERVICE, VERSION
from functions.core.errors import MAX_FAULTS, Fault
from functions.inference.envelope import refusal


class PlainRoutesFirst(FastAPI):
    """FastAPI's application, which leaves requests for plain routes to Starlette: FastAPI's layers do nothing for them.

    They are routes of FastAPI's own as well, so that a wrong method is refused in one place.
    """

    def __init__(self, routes: Sequence[BaseRoute], **options: Any) -> None:
        super().__init__(routes=list(routes), **options)
        self._plain = Starlette(routes=routes)
        # the same objects, also for what is added to them later
        self._plain.exception_handlers, self._plain.state = self.exception_handlers, self.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_plain = any(route.matches(scope)[0] is Match.FULL for route in self._plain.routes)
        await (self._plain if is_plain else super().__call__)(scope, receive, send)


def fastapi_app(routers: Sequence[APIRouter], routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """An application with these `routes` and these routers, and with no page of its own."""
    # FastAPI's own pages load scripts from another host (https://github.com/fastapi/fastapi/issues/608);
    # documentation.py serves them from this one
    app = PlainRoutesFirst(routes, title=SERVICE, version=VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(RequestValidationError, _validation_error)
    for router in routers:
        app.include_router(router)
    return app


async def _validation_error(request: Request, error: Exception) -> Response:
    # Starlette types every handler for any Exception, and calls this one for its own class alone
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [Fault(tuple(found["loc"]), found["msg"], found["type"]) for found in error.errors()[:MAX_FAULTS]]
    return refusal(request, 422, faults)
