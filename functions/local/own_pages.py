"""Requests that a web page of somebody else makes to a server without tokens, refused before they change anything."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.errors import Fault
from functions.core.routes import route_of
from functions.inference.envelope import refusal

READING = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN_SITES = frozenset({"cross-site", "same-site"})


class OwnPages:
    """Whoever reaches a server without tokens is trusted; a browser that reaches it is one that strangers steer.

    A request that changes something is refused to pages of other origins (403), and needs a Content-Type (415): a page
    may send a body without one to any server, and the browser does not ask first. Pages of `allowed` origins may read
    and predict, and are refused the rest with the reason.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refused(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        status, message, kind = refused
        await refusal(Request(scope), status, [Fault((), message, kind)])(scope, receive, send)

    def _refused(self, scope: Scope) -> tuple[int, str, str] | None:
        headers = Headers(scope=scope)
        is_foreign = _is_foreign(headers, scope["scheme"])
        is_untyped = "content-type" not in headers and _has_body(headers)
        # last, because most requests have no such headers, and the route takes longer to find
        if not (is_foreign or is_untyped) or not _changes_something(scope):
            return None
        if is_foreign:
            return 403, self._refusal_of(headers.get("origin")), "origin"
        return 415, "no content type: send JSON with 'Content-Type: application/json'", "unsupported_media_type"

    def _refusal_of(self, origin: str | None) -> str:
        if origin not in self._allowed:
            return "a page of another origin may not change anything here"
        return (
            f"a page of {origin} may read and predict, but not change anything: that needs a token, and this server "
            "has none; start it with --tokens, or send the request from a program, such as curl, or from /docs"
        )


def _changes_something(scope: Scope) -> bool:
    """Everything but reading and predicting; a lookup of many predictions is read by POST."""
    if scope["method"] in READING:
        return False
    route = route_of(scope["method"], scope["path"])
    return route is None or route.scope != "predict"


def _is_foreign(headers: Headers, scheme: str) -> bool:
    """Return True if the headers of a browser name a page of another origin; programs send no such headers."""
    if "sec-fetch-site" in headers and headers["sec-fetch-site"] in FOREIGN_SITES:
        return True
    return "origin" in headers and headers["origin"] != f"{scheme}://{headers.get('host', '')}"


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
