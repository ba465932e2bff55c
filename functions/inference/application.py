"""An application made of routers: those of control, of predict, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from functions import SERVICE, VERSION
from functions.inference import failures
from functions.inference.head import HeadAsGet
from functions.inference.nosniff import NoSniff
from functions.inference.paths import ForgivingPaths


def create_application(
    routers: Sequence[APIRouter], *, root_model: str | None = None, guard: Callable[[ASGIApp], ASGIApp] | None = None
) -> ASGIApp:
    """An ASGI application; `root_model` is served at the root as well.

    `guard` sees each request before the routes do, with the path that they will see.
    """
    app = FastAPI(
        title=SERVICE, version=VERSION, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    failures.install(app)
    for router in routers:
        app.include_router(router)
    return NoSniff(HeadAsGet(ForgivingPaths(guard(app) if guard else app, root_model=root_model)))
