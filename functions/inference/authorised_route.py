"""Only the route that the gateway matched, and authorised, is served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.errors import Fault
from functions.core.routes import SLASH, GatewayRoute, fits, route_of
from functions.inference.envelope import refusal

EVENT = "aws.event"
"""The key of the scope under which Mangum keeps the gateway's event."""
ACCEPTED = "despliegue.accepted_token"
"""The key of the scope under which a server without a gateway keeps the name of the token that it accepted."""
NO_TOKEN = Fault((), "send a token: Authorization: Bearer ...", "unauthorized")


class AuthorisedRoute:
    """Refuses what the gateway took for another route than the application does.

    The gateway authorises by its own reading of a path, and the path is decoded once more on its way here: an encoded
    slash would walk from a public route into one that needs a token.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[GatewayRoute]) -> None:
        self._app = app
        self._routes = {route.key: route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refused(scope) if scope["type"] == "http" and EVENT in scope else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        status, fault = refused
        await refusal(Request(scope), status, [fault])(scope, receive, send)

    def _refused(self, scope: Scope) -> tuple[int, Fault] | None:
        route = self._routes.get(str(scope[EVENT].get("routeKey")))
        path: str = scope["path"]
        if route is None or not _leads_to(route, scope["method"], path):
            return 404, Fault((), f"Not Found: {scope['method']} {path}", "http_404")
        if route.scope != "public" and not accepted_token(scope):
            return 401, NO_TOKEN
        return None


def accepted_token(scope: Mapping[str, Any]) -> str | None:
    """Name of the token that was accepted for a request, by the gateway's authorizer or here; None without one."""
    if ACCEPTED in scope:
        return str(scope[ACCEPTED])
    authorizer = scope.get(EVENT, {}).get("requestContext", {}).get("authorizer", {}).get("lambda", {})
    token: str | None = authorizer.get("token")
    return token


def _leads_to(route: GatewayRoute, method: str, path: str) -> bool:
    """Whether the gateway may have matched `route` for a path.

    A route that catches slashes catches whatever is below it. A gateway may take it for a longer path that ends in a
    slash, and has authorised that one all the same if both need the same scope.
    """
    template = route.path.removesuffix(f"/{SLASH}")
    # paths to predict are spelled out, and compared at once
    if path == template or fits(template, path):
        return True
    served = route_of(method, path)
    is_below = route.path != template and fits(template, "/".join(path.split("/")[: template.count("/") + 1]))
    return is_below and served is not None and served.scope == route.scope
