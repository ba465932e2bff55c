"""Requests that a web page of somebody else makes to a server on this machine, refused before they change anything."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.errors import Fault
from functions.core.routes import route_of
from functions.inference.envelope import refusal

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
PORT = re.compile(r":\d*\Z")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN_SITES = frozenset({"cross-site", "same-site"})


def names_of(base_url: str) -> frozenset[str]:
    """The hosts under which a server on this machine is reached: loopback, and its own."""
    host = urlsplit(base_url).hostname or ""
    return LOOPBACK | {f"[{host}]" if ":" in host else host}


class OwnPages:
    """Loopback is trusted because only programs of this machine reach it; a browser is one that strangers steer.

    A Host of another name is refused (421): by DNS rebinding, a stranger's page would be one of ours and could read
    everything. A request that changes something is refused to pages of other origins (403), and needs a Content-Type
    (415): a page may send a body without one to any server, and the browser does not ask first. Pages of `allowed`
    origins may read and predict, and are refused the rest with the reason.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], allowed: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
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
        host = headers.get("host", "")
        if host and PORT.sub("", host).lower() not in self._hosts:
            return 421, f"this server is not {host!r}: call it by {', '.join(sorted(self._hosts))}", "host"
        if not _changes_something(scope):
            return None
        if _is_foreign(headers, f"{scope['scheme']}://{host}"):
            return 403, self._refusal_of(headers.get("origin")), "origin"
        if "content-type" not in headers and _has_body(headers):
            return 415, "no content type: send JSON with 'Content-Type: application/json'", "unsupported_media_type"
        return None

    def _refusal_of(self, origin: str | None) -> str:
        if origin not in self._allowed:
            return "a page of another origin may not change anything here"
        return (
            f"a page of {origin} may read and predict, but not change anything: that needs a token, and this server "
            "has none; send the request from a program, such as curl, or from /docs"
        )


def _changes_something(scope: Scope) -> bool:
    """Everything but reading and predicting."""
    if scope["method"] in READING:
        return False
    route = route_of(scope["method"], scope["path"])
    return route is None or route.function != "predict"


def _is_foreign(headers: Headers, own_origin: str) -> bool:
    """Return True if the headers of a browser name a page of another origin; programs send no such headers."""
    origin = headers.get("origin")
    return headers.get("sec-fetch-site") in FOREIGN_SITES or (origin is not None and origin != own_origin)


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
