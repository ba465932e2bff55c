"""Time limit of a request for texts, from the speed at which a model has read before and reads now."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from functions.core.errors import TooLargeError
from functions.core.patience import GATEWAY_PATIENCE_SECONDS, seconds_left

REMEMBERED = 8
REMEDY = "send less text at once, or give the function more memory, and so more CPU"


class TimedReading(NamedTuple):
    """Tokens that a model read together, and their time."""

    tokens: int
    seconds: float


class ReadingSpeed:
    """The speed of one model on this machine, from its last readings; threads add to it at the same time."""

    def __init__(self) -> None:
        self._readings: deque[TimedReading] = deque(maxlen=REMEMBERED)

    def add(self, tokens: int, seconds: float) -> None:
        self._readings.append(TimedReading(tokens, seconds))

    @property
    def seconds_a_token(self) -> float:
        """Of the fastest of the last readings, as others may have shared the CPU; 0 before the first."""
        return min((reading.seconds / reading.tokens for reading in [*self._readings]), default=0.0)


class ReadingTime:
    """Time of a request with `tokens` tokens; the clock starts at once.

    `limit_seconds` are for the whole request: what it waited, for a first version or for loading, is taken off. Outside
    of a request nobody hangs up, and nothing is refused.
    Raises TooLargeError if that is too little at the `speed` that is known.
    """

    def __init__(
        self,
        tokens: int,
        speed: ReadingSpeed,
        *,
        limit_seconds: float = GATEWAY_PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = tokens
        self._speed = speed
        self._limit_seconds = seconds_left(limit_seconds)
        self._clock = clock
        self._began = self._last = clock()
        self._read = 0
        self._refuse_slow(tokens * speed.seconds_a_token)

    def spend(self, tokens: int) -> None:
        """Count tokens that were just read; raises TooLargeError if all, at this pace, would take too long."""
        moment = self._clock()
        self._speed.add(tokens, moment - self._last)
        self._last = moment
        self._read += tokens
        if self._read < self._tokens:
            self._refuse_slow((moment - self._began) * self._tokens / self._read)

    def _refuse_slow(self, expected_seconds: float) -> None:
        if expected_seconds > self._limit_seconds:
            possible = max(0, int(self._tokens * self._limit_seconds / expected_seconds))
            raise TooLargeError(
                f"{self._tokens} tokens would take {expected_seconds:.0f} seconds, more than "
                f"{self._limit_seconds:.3g}, in which this model reads about {possible}: {REMEDY}"
            )
