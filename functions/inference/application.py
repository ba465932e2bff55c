"""The applications: control, predict, or both in one."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from functions import SERVICE, VERSION
from functions.inference import failures
from functions.inference.catalogue_routes import catalogue_router
from functions.inference.documentation import documentation_router
from functions.inference.paths import ForgivingPaths
from functions.inference.predict_routes import predict_router
from functions.inference.services import Control, Inference
from functions.inference.training_routes import training_router
from functions.inference.version_routes import version_router


def create_application(
    *,
    control: Control | None = None,
    inference: Inference | None = None,
    root_model: str | None = None,
    also: Sequence[APIRouter] = (),
) -> ASGIApp:
    """An ASGI application with the routes of the parts that are given, and of the routers in `also`."""
    app = FastAPI(
        title=SERVICE,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    failures.install(app)
    if inference is not None:
        app.include_router(predict_router(inference))
    if control is not None:
        for make_router in (catalogue_router, training_router, version_router):
            app.include_router(make_router(control))
        app.include_router(documentation_router(app, control))
    for router in also:
        app.include_router(router)
    return ForgivingPaths(app, root_model=root_model)
