"""A server between a client and the application that refuses requests or cuts connections, as networks do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "date", "server"}


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer in the place of the application, as a gateway does."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"message":"Too Many Requests"}'


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection without an answer; `arrives`: after the application has carried out the request."""

    arrives: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


Hinder = Callable[[Asked], Refuse | Cut | None]


@dataclass
class InTheWay:
    """`hinder` decides about each request; `asked` are all of them."""

    url: str
    hinder: Hinder = lambda asked: None
    asked: list[Asked] = field(default_factory=list)


class Throttle:
    """Refuse with 429 what is beyond `rate` requests a second, with bursts of as many as `burst`: a token bucket."""

    def __init__(self, rate: float, burst: int, only: str = "/predict") -> None:
        self._rate, self._burst, self._only = rate, burst, only
        self._free, self._at = float(burst), time.monotonic()
        self._lock = threading.Lock()
        self.refused = 0

    def __call__(self, asked: Asked) -> Refuse | None:
        if not asked.path.endswith(self._only):
            return None
        with self._lock:
            now = time.monotonic()
            self._free, self._at = min(self._burst, self._free + (now - self._at) * self._rate), now
            if self._free >= 1:
                self._free -= 1
                return None
            self.refused += 1
            # the gateway names no time
            return Refuse(429) if self.refused % 2 else Refuse(429, {"Retry-After": "1"})


@contextmanager
def in_the_way(upstream: str) -> Iterator[InTheWay]:
    found = InTheWay("")
    with httpx.Client(base_url=upstream, timeout=120) as http:
        server = _Server(http, found)
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, http: httpx.Client, way: InTheWay) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.http, self.way = http, way


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server.way.asked.append(asked)
        hindrance = self.server.way.hinder(asked)
        if isinstance(hindrance, Refuse):
            self._answer(hindrance.status, {"Content-Type": "application/json", **hindrance.headers}, hindrance.body)
            return
        if isinstance(hindrance, Cut):
            if hindrance.arrives:
                self._forwarded(asked)
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        answer = self._forwarded(asked)
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
        self._answer(answer.status_code, headers, answer.content)

    def _forwarded(self, asked: Asked) -> httpx.Response:
        headers = {name: value for name, value in asked.headers.items() if name not in ("host", *HOP_BY_HOP)}
        return self.server.http.request(asked.method, asked.path, headers=headers, content=asked.body)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: tests look at `asked`."""
