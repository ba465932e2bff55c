"""A server between a storage and S3: it answers as a test tells it, and hands on all other requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

ALIKE = {"ETag": '"e"', "Last-Modified": "Sun, 29 Nov 2026 14:00:00 GMT"}


@dataclass(frozen=True)
class Reply:
    """An answer in place of that of S3; `is_handed_on` if S3 gets the request all the same.

    A status of zero ends the connection without an answer, and a Content-Length over that of `body` ends it after the
    body, whose characters are bytes. `delay_seconds` pass before either.
    """

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    is_handed_on: bool = False
    delay_seconds: float = 0.0


def refusal(status: int, code: str) -> Reply:
    return Reply(status, f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>a text of S3</Message></Error>")


LOST = Reply(0, is_handed_on=True)
NOBODY = Reply(0)


@dataclass
class Relay:
    """The replies to the next requests, in their order, and what was asked."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def s3_relay(target: str | None = None) -> Iterator[Relay]:
    """A relay before the S3 at the URL `target`; without one, all requests need a reply."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            relay.asked.append((self.command, self.path))
            relay.headers.append({name.lower(): value for name, value in self.headers.items()})
            reply = relay.replies.pop(0) if relay.replies else None
            if reply is None or reply.is_handed_on:
                status, headers, found = self._handed_on(body)
            if reply is not None:
                ended.wait(reply.delay_seconds)
                status, headers, found = reply.status, {**ALIKE, **reply.headers}, reply.body.encode("latin-1")
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if self.command != "HEAD" and "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(found)))
            self.close_connection |= int(headers.get("Content-Length", 0)) > len(found)  # it promised more
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(found)

        def _handed_on(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            assert target is not None, f"no reply to {self.command} {self.path}"
            connection = HTTPConnection(urlsplit(target).netloc, timeout=30)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            found = answer.read()
            connection.close()
            # the length of what a HEAD does not send is kept
            dropped = {"transfer-encoding", "connection", "" if self.command == "HEAD" else "content-length"}
            return answer.status, {k: v for k, v in answer.getheaders() if k.lower() not in dropped}, found

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = _handle

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    relay = Relay(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
