"""Requests over HTTP, which are sent exactly as they are written."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping

import pytest

from tools.replay.answers import Answer
from tools.replay.http import send

ANSWER = b"HTTP/1.1 404 Not Found\r\nDate: today\r\nContent-Length: 2\r\n\r\n{}"


def received(
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    end: bytes = b"\r\n\r\n",
    answer: bytes = ANSWER,
) -> bytes:
    """The bytes that a server reads up to `end` before it sends the answer; the usual answer is checked as well."""
    request = bytearray()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            while not request.endswith(end) and (part := connection.recv(65536)):
                request.extend(part)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        got = send(f"http://127.0.0.1:{listening.getsockname()[1]}", method, target, headers, body)
        thread.join()
    expected = Answer(404, {"content-length": "2"}, "{}") if answer else Answer(None, {}, got.body)
    assert got == expected
    return bytes(request)


@pytest.mark.parametrize("target", ["//models//a/../b/%2e%2e/?a=&a=b#c", "/models/a%2Fb"])
def test_the_target_is_not_tidied(target: str) -> None:
    assert received("GET", target, {}) == f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def test_a_length_that_is_announced_wrongly_is_sent_so() -> None:
    sent = received("POST", "/", {"Content-Length": "7"}, b"{}", end=b"{}")
    assert sent.endswith(b"Content-Length: 7\r\n\r\n{}")


def test_a_body_in_chunks() -> None:
    sent = received("POST", "/", {"Transfer-Encoding": "chunked"}, b"{}", end=b"\r\n0\r\n\r\n")
    assert sent.endswith(b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")


def test_a_connection_closed_without_an_answer_is_an_answer() -> None:
    assert received("GET", "/", {}, answer=b"")
