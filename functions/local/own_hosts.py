"""Requests that are meant for another server, by their Host."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.errors import Fault
from functions.inference.envelope import refusal

LOCALHOST = "localhost"
LOOPBACK = frozenset({"127.0.0.1", LOCALHOST, "[::1]"})
PORT = re.compile(r":\d*\Z")
REMEMBERED = 64
"""Hosts, as clients write them, whose decisions are kept."""


def is_loopback(host: str) -> bool:
    """Return True for an address that only programs of this machine reach."""
    if host == LOCALHOST:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(base_url: str) -> str:
    """The host of an address, an IPv6 one without brackets."""
    return urlsplit(base_url).hostname or ""


def names_of(base_url: str) -> frozenset[str]:
    """The hosts under which a server is reached: loopback, and its own."""
    host = host_of(base_url)
    return LOOPBACK | {f"[{host}]" if ":" in host else host}


class OwnHosts:
    """Refuses a Host of another name (421): by DNS rebinding, a stranger's page would be one of ours and read answers.

    With `takes_addresses` every address in digits is taken, as probes and load balancers send the one of a container:
    rebinding needs a name, because a page from an address comes from the server that has it.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], *, takes_addresses: bool = False) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)
        self._takes_addresses = takes_addresses
        self._is_own = lru_cache(REMEMBERED)(self._names_this)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Headers(scope=scope).get("host", "") if scope["type"] == "http" else ""
        if not host or self._is_own(host):
            await self._app(scope, receive, send)
            return
        message = f"this server is not {host!r}: call it by {', '.join(sorted(self._names))}"
        advice = ", or start it with --allow-host" if self._takes_addresses else ""
        await refusal(Request(scope), 421, [Fault((), message + advice, "host")])(scope, receive, send)

    def _names_this(self, host: str) -> bool:
        name = PORT.sub("", host).lower()
        return name in self._names or (self._takes_addresses and _is_address(name))


def _is_address(host: str) -> bool:
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
