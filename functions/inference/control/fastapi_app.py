"""FastAPI's application over routers, and over plain routes, such as those that predict."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from functions import SERVICE, VERSION
from functions.core.errors import MAX_FAULTS, Fault
from functions.inference.envelope import refusal
from functions.inference.plain_routes import PlainRoutesFirst


class _FastAPI(PlainRoutesFirst, FastAPI):
    """FastAPI's application, by whose layers requests for plain routes pass."""


def fastapi_app(routers: Sequence[APIRouter], routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """An application with these `routes` and these routers, and with no page of its own."""
    # FastAPI's own pages load scripts from another host (https://github.com/fastapi/fastapi/issues/608);
    # documentation.py serves them from this one
    app = _FastAPI(routes, title=SERVICE, version=VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(RequestValidationError, _validation_error)
    for router in routers:
        app.include_router(router)
    return app


async def _validation_error(request: Request, error: Exception) -> Response:
    # Starlette types every handler for any Exception, and calls this one for its own class alone
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = [Fault(tuple(found["loc"]), found["msg"], found["type"]) for found in error.errors()[:MAX_FAULTS]]
    return refusal(request, 422, faults)
