"""An ASGI application called as a server calls it, without the server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.types import ASGIApp, Message


class AsgiCaller:
    """A caller with one event loop, in which the requests follow each other.

    It does not use asyncio.Runner, which writes the whole result as text into an error message and drops that.
    """

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self._loop = asyncio.new_event_loop()

    def last_answer(self, path: str, bodies: Sequence[bytes]) -> bytes:
        return self._loop.run_until_complete(self._last_answer(path, bodies))

    async def _last_answer(self, path: str, bodies: Sequence[bytes]) -> bytes:
        answer = b""
        for body in bodies:
            answer = await ask(self._application, path, body)
        return answer


async def ask(application: ASGIApp, path: str, body: bytes) -> bytes:
    """The body of the answer; raises RuntimeError for a status other than 200."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await application(scope_of(path, body), receive, send)
    answer: bytes = b"".join(message.get("body", b"") for message in sent)
    if sent[0]["status"] != 200:
        raise RuntimeError(f"{path} answered {sent[0]['status']}: {answer[:500]!r}")
    return answer


def scope_of(path: str, body: bytes) -> dict[str, Any]:
    """The scope that uvicorn passes for a POST of a plain client."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": "POST",
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            (b"accept", b"*/*"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
        "state": {},
    }
