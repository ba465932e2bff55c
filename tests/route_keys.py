"""The route key that API Gateway gives the event of a request."""

from __future__ import annotations

from functions.core.routes import route_of

GREEDY = "/{proxy+}"


def route_key_of(method: str, path: str) -> str:
    """A path of the control function has {model} in it; one of a model's own function spells the name out."""
    route = route_of(method, path.rstrip("/") or "/")
    if route is None:
        return f"{method} {path}"
    template = route.path if route.function == "control" else path.rstrip("/")
    return f"{method} {template}{GREEDY if path.endswith('/') and path != '/' else ''}"
