"""An application made of routers: those of control, of predict, or both."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from functions import SERVICE, VERSION
from functions.inference import failures
from functions.inference.head import HeadAsGet
from functions.inference.paths import ForgivingPaths


def create_application(routers: Sequence[APIRouter], *, root_model: str | None = None) -> ASGIApp:
    """An ASGI application; `root_model` is served at the root as well."""
    app = FastAPI(
        title=SERVICE, version=VERSION, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    failures.install(app)
    for router in routers:
        app.include_router(router)
    return HeadAsGet(ForgivingPaths(app, root_model=root_model))
