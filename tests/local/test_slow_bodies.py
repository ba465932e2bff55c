"""Bodies that never end, on real connections."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import APIRouter, Request

from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app
from functions.local.server import listen
from functions.local.slow_bodies import LEAST_BYTES_A_SECOND, SlowBodies

GRACE_SECONDS = 0.5
HALF = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nhalf"


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    router = APIRouter()

    @router.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    application = SlowBodies(create_application(fastapi_app([router])), GRACE_SECONDS)
    server = uvicorn.Server(uvicorn.Config(application, http="h11", lifespan="off", log_level="warning"))
    found = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [found]})
    thread.start()
    try:
        yield found.getsockname()
    finally:
        server.should_exit = True
        thread.join()


def answer_to(address: tuple[str, int], *parts: bytes, pause_seconds: float = 0.0) -> bytes:
    """All that the server sends until it ends the connection."""
    with socket.create_connection(address, timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_seconds)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while part := connection.recv(65536):
                received += part
        return received


def test_a_body_that_never_ends_is_answered_and_its_connection_ended(address: tuple[str, int]) -> None:
    started = time.monotonic()
    answer = answer_to(address, HALF)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"too slowly: send it again" in answer
    assert GRACE_SECONDS <= time.monotonic() - started < 15


def test_many_bodies_that_never_end_hold_up_no_other_request(address: tuple[str, int]) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(address)).sendall(HALF)
        whole = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\nrows"
        assert answer_to(address, whole).endswith(b"4")


def test_a_body_that_keeps_its_pace_may_take_longer_than_the_grace(address: tuple[str, int]) -> None:
    part = b"x" * LEAST_BYTES_A_SECOND
    head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (
        5 * len(part)
    )
    assert answer_to(address, head, *[part] * 5, pause_seconds=0.2).endswith(b"250000")
