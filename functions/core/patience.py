"""The time that a request may take, counted from its arrival: waiting and loading are part of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

GATEWAY_PATIENCE_SECONDS = 25.0
"""API Gateway hangs up after 30 seconds; the answer must still be written and sent."""
# a context variable follows a request into the thread pool, where a thread-local would not
_arrived: ContextVar[float | None] = ContextVar("arrived", default=None)


@contextmanager
def request_arrived() -> Iterator[None]:
    """Count the time of the request that is answered inside this block, in any thread or task, from now."""
    token = _arrived.set(time.monotonic())
    try:
        yield
    finally:
        _arrived.reset(token)


def waited_seconds() -> float:
    """Seconds since the present request arrived; 0 outside of one, as in training."""
    arrived = _arrived.get()
    return 0.0 if arrived is None else time.monotonic() - arrived
