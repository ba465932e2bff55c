"""A server between a storage and S3: it answers as a test tells it, and hands on all other requests.

With the CORS rules of a bucket it answers pages of other origins as S3 does.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bucket_rules import PREFIX, Rule, answer_headers, preflight_headers

FRAMING = frozenset({"transfer-encoding", "connection", "content-length"})
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
    """The replies to the next requests, in their order, what was asked, and the status that it was answered with.

    `rules` are those of CORS; with None, what S3 itself says of origins is handed on.
    """

    url: str
    replies: list[Reply] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answered: list[tuple[str, int]] = field(default_factory=list)
    rules: list[Rule] | None = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.relay = Relay(f"http://127.0.0.1:{self.server_port}")
        self.ended = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        pass

    def _handle(self) -> None:
        relay = self.server.relay
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        relay.asked.append((self.command, self.path))
        relay.headers.append({name.lower(): value for name, value in self.headers.items()})
        reply = relay.replies.pop(0) if relay.replies else None
        if reply is None:
            self._send(self._handed_on(body) if relay.rules is None else self._by_rules(relay.rules, body))
            return
        if reply.is_handed_on:
            self._handed_on(body)
        self.server.ended.wait(reply.delay_seconds)
        self._send(reply)

    def _by_rules(self, rules: list[Rule], body: bytes) -> Reply:
        sent = {name.lower(): value for name, value in self.headers.items()}
        if self.command == "OPTIONS":
            allowed = preflight_headers(rules, sent)
            return refusal(403, "AccessForbidden") if allowed is None else Reply(200, headers=allowed)
        answer = self._handed_on(body)
        own = {name: value for name, value in answer.headers.items() if not name.lower().startswith(PREFIX)}
        return replace(answer, headers={**own, **answer_headers(rules, self.command, sent)})

    def _handed_on(self, body: bytes) -> Reply:
        assert self.server.target is not None, f"no reply to {self.command} {self.path}"
        connection = HTTPConnection(urlsplit(self.server.target).netloc, timeout=30)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        found = answer.read().decode("latin-1")
        connection.close()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in FRAMING}
        if self.command == "HEAD":
            headers["Content-Length"] = answer.getheader("Content-Length") or "0"
        return Reply(answer.status, found, headers)

    def _send(self, reply: Reply) -> None:
        if not reply.status:
            self.close_connection = True
            return
        self.server.relay.answered.append((self.command, reply.status))
        body = reply.body.encode("latin-1")
        headers = {**ALIKE, "Content-Length": str(len(body)), **reply.headers}
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
            self.close_connection |= int(headers["Content-Length"]) > len(body)  # it promised more

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = do_OPTIONS = _handle


@contextmanager
def s3_relay(target: str | None = None, certificate: Path | None = None) -> Iterator[Relay]:
    """A relay before the S3 at the URL `target`; without one, all requests need a reply.

    With a file of a key and its certificate it speaks TLS.
    """
    with _Server(target) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.relay.url = server.relay.url.replace("http://", "https://")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server.relay
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()
