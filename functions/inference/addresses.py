"""Addresses of this application as its clients write them, outside of every gateway and proxy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

BASE_PATH_KEY = "despliegue.base_path"
"""The key of a scope under which BelowBasePath keeps the base path."""


def outside_path(scope: Mapping[str, Any], path: str) -> str:
    """The path of a route, such as /docs, below the base path of the application that answers."""
    base_path: str = scope.get(BASE_PATH_KEY, "")
    return f"{base_path}{path}"


def asked_origin(request: Request) -> str:
    """Scheme and host of the address that the client asked."""
    # not request.base_url, which Starlette makes from the decoded path
    host = request.headers.get("host") or ":".join(map(str, request.scope.get("server") or ("localhost",)))
    return f"{request.scope['scheme']}://{host}"


def outside_url(request: Request, place: str) -> str:
    """The whole URL of a place: of a path of this application, or of a URL, which stays as it is."""
    return f"{asked_origin(request)}{outside_path(request.scope, place)}" if place.startswith("/") else place
