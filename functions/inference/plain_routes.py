"""An application of Starlette without its layers where they would do nothing: for a request that fits a route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

HANDLERS = "starlette.exception_handlers"
"""The key of the scope under which Starlette's routes look for the handlers of what their endpoints raise."""


class PlainRoutesFirst(Starlette):
    """Serves a request that fits one of `routes` by the route alone, and any other by all that Starlette does.

    Errors are answered by the same handlers in both cases.
    """

    def __init__(self, routes: Sequence[BaseRoute], **options: Any) -> None:
        super().__init__(routes=list(routes), **options)
        self._first = tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self._first:
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                scope.update(child_scope, app=self, route=route)
                scope[HANDLERS] = (self.exception_handlers, {})
                await route.handle(scope, receive, send)
                return
        await super().__call__(scope, receive, send)
