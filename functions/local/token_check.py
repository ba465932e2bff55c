"""Bearer tokens checked by the server itself; on AWS the gateway and its authorizer do that."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from functions.core.definition import Definition
from functions.core.errors import DespliegueError, Fault
from functions.core.routes import Route, TokenScope, named_model, protocol_paths, route_of
from functions.core.tokens import Decision, RecentTokens, bearer_token, decide
from functions.inference.authorised_route import ACCEPTED, NO_TOKEN
from functions.inference.envelope import refusal
from functions.inference.failures import RETRY_AFTER_SECONDS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    fault: Fault
    headers: Mapping[str, str] | None = None


class TokenCheck:
    """Serves the routes that are not public to tokens of their scope and model alone, with the gateway's statuses.

    The `open_paths` need no token. What the application's routing takes for a route, and the table does not, is not
    served: a path that the two read in different ways would reach a route without its token.
    """

    def __init__(
        self, app: Starlette, tokens: RecentTokens, open_paths: Collection[str], definitions: Iterable[Definition]
    ) -> None:
        self._app = app
        self._hub_paths = protocol_paths("hugging-face", definitions)
        self._tokens = tokens
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        checked = self._checked(scope)
        if isinstance(checked, _Refusal):
            answer = refusal(Request(scope), checked.status, [checked.fault], checked.headers)
            await answer(scope, receive, send)
        else:
            if checked is not None:
                # in the scope itself: what refuses an answer, outside of this, reads the route from the same scope
                scope[ACCEPTED] = checked
            await self._app(scope, receive, send)

    def _checked(self, scope: Scope) -> str | _Refusal | None:
        """The name of the accepted token, None where none is needed."""
        method, path = scope["method"], scope["path"]
        route = route_of(method, path)
        if route is not None:
            return None if route.scope == "public" else self._authorised(route, route.scope, path, Headers(scope=scope))
        if path in self._open_paths or not self._is_served(scope):
            return None
        return _Refusal(404, Fault((), f"Not Found: {method} {path}", "http_404"))

    def _is_served(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._app.routes)

    def _authorised(self, route: Route, scope: TokenScope, path: str, headers: Headers) -> str | _Refusal:
        header = headers.get("authorization")
        if not header:
            return _Refusal(401, NO_TOKEN, {"WWW-Authenticate": "Bearer"})
        try:
            decision = self._decision(header, scope, named_model(route, path) or self._hub_paths.get(path))
        except DespliegueError:  # RecentTokens has reported it
            fault = Fault((), "the tokens of this server cannot be read now; its log says why", "tokens_unreadable")
            return _Refusal(503, fault, {"Retry-After": str(RETRY_AFTER_SECONDS)})
        if decision.allowed and decision.token is not None:
            return decision.token
        logger.info("%s %s refused: %s (token: %s)", route.method, route.path, decision.reason, decision.token)
        return _Refusal(403, Fault((), decision.reason, "forbidden"))

    def _decision(self, header: str, scope: TokenScope, model: str | None) -> Decision:
        presented = bearer_token(header)
        if presented is None:
            return Decision(False, "no bearer token")
        return decide(self._tokens.current(), presented, scope, datetime.now(UTC), model=model)
