"""An application over routes, which answers HEAD on every route that GET has."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from functions.core.definition import Definition
from functions.core.patience import RequestArrived
from functions.inference import failures
from functions.inference.base_path import BelowBasePath
from functions.inference.delivery import Delivery
from functions.inference.paths import ForgivingPaths


class HeadAsGet:
    """Passes HEAD on as GET; the answer keeps its headers, the content length too, and loses its body.

    FastAPI adds no HEAD to a GET route, though Starlette does: https://github.com/fastapi/fastapi/issues/1773
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, send_head)


class FromArrival:
    """Counts the time of each request from its arrival."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with RequestArrived():
            await self._app(scope, receive, send)


def create_application(
    app: Starlette,
    definitions: Iterable[Definition] = (),
    *,
    root_model: str | None = None,
    base_path: str = "",
    guard: Callable[[Starlette], ASGIApp] | None = None,
) -> ASGIApp:
    """An ASGI application with the routes of `app`, for the models of `definitions`; `root_model` is served at the root
    too, and everything below `base_path`.

    `app` is one of Starlette where it only predicts, and FastAPI's, which extends it, where control is. `guard` sees
    each request before the routes do, with the path that they will see.
    """
    app.router.redirect_slashes = False  # ForgivingPaths serves them
    failures.install(app, definitions)
    inner = ForgivingPaths(Delivery(guard(app) if guard else app), root_model=root_model)
    return FromArrival(HeadAsGet(BelowBasePath(inner, base_path) if base_path else inner))
