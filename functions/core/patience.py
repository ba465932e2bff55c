"""The time that a request may take, counted from its arrival: waiting and loading are part of it."""

from __future__ import annotations

import math
import time
from contextvars import ContextVar, Token

GATEWAY_PATIENCE_SECONDS = 25.0
"""API Gateway hangs up after 30 seconds; the answer must still be written and sent."""
# a context variable follows a request into the thread pool, where a thread-local would not
_arrived: ContextVar[float | None] = ContextVar("arrived", default=None)


class RequestArrived:
    """Counts the time of the request that is answered inside this block, in any thread or task, from now.

    It is no generator: each request passes here, and a generator takes three times as long.
    """

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token: Token[float | None] = _arrived.set(time.monotonic())

    def __exit__(self, *_: object) -> None:
        _arrived.reset(self._token)


def waited_seconds() -> float:
    """Seconds since the present request arrived; 0 outside of one, as in training."""
    arrived = _arrived.get()
    return 0.0 if arrived is None else time.monotonic() - arrived


def seconds_left(limit_seconds: float) -> float:
    """What is left of the limit of the present request; no end outside of one, as in a batch or a measurement."""
    return math.inf if _arrived.get() is None else limit_seconds - waited_seconds()
