"""Pages of other origins that may call a server on this machine: the answers to what their browser asks first."""

from __future__ import annotations

from collections.abc import Collection

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from functions.core.other_origins import PREFLIGHT_SECONDS, READ_HEADERS, SENT_HEADERS
from functions.core.routes import ROUTES


def with_allowed_pages(app: ASGIApp, origins: Collection[str]) -> ASGIApp:
    """The application, whose answers pages of these origins may read; without origins, the application as it is.

    The browser lets such a page send every method, so that the page can read why a change is refused to it.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=sorted({route.method for route in ROUTES}),
        allow_headers=SENT_HEADERS,
        expose_headers=READ_HEADERS,
        # Chromium asks for it where a page of a public site calls a server on this machine
        allow_private_network=True,
        max_age=PREFLIGHT_SECONDS,
    )
