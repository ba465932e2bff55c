"""The address at which CloudFormation waits for the answer of a custom resource."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Callback(ThreadingHTTPServer):
    """A server that keeps the bodies of PUT requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoint)
        self.bodies: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def take(self) -> list[str]:
        """All bodies since the last call."""
        found, self.bodies = self.bodies, []
        return found


class _Endpoint(BaseHTTPRequestHandler):
    server: Callback

    def do_PUT(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the answers are the result, not a log."""


@contextmanager
def callback() -> Iterator[Callback]:
    with Callback() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
