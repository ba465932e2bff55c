"""The routes that an application serves, and the table that they must equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.core.routes import ROUTES
from functions.inference.protocols.hugging_face.routes import UnknownHubId

TABLE = {
    function: {(one.method, one.path) for one in ROUTES if one.function == function and one.protocol == "despliegue"}
    for function in ("control", "predict")
}


def routes_of(application: ASGIApp) -> set[tuple[str, str]]:
    """Method and path of every route that the application serves."""
    inner: Any = application
    while not isinstance(inner, Starlette):
        inner = inner._app
    return set(_walk(inner.routes))


def _walk(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, UnknownHubId):  # the answer to what is no path
            continue
        if isinstance(route, Route):
            yield from ((method, route.path) for method in route.methods or ())
        else:  # newer versions of FastAPI keep an included router whole
            yield from _walk(route.original_router.routes)
