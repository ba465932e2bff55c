"""A WSGI application called as a server calls it, without the server."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any


class WsgiCaller:
    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def last_answer(self, path: str, bodies: Sequence[bytes]) -> bytes:
        answer = b""
        for body in bodies:
            answer = self._ask(path, body)
        return answer

    def _ask(self, path: str, body: bytes) -> bytes:
        statuses: list[str] = []

        def start_response(status: str, headers: object, error: object = None) -> None:
            statuses.append(status)

        answer = b"".join(self._application(_environment(path, body), start_response))
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{path} answered {statuses[0]}: {answer[:500]!r}")
        return answer


def _environment(path: str, body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_ACCEPT": "*/*",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
