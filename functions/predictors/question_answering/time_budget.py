"""Time limit of one request, estimated from the windows that it has read so far."""

from __future__ import annotations

import time
from collections.abc import Callable

from functions.core.errors import TooLargeError
from functions.core.patience import GATEWAY_PATIENCE_SECONDS, waited_seconds


class ReadingTime:
    """Time of a request with `tokens` tokens; the clock starts at once.

    `limit_seconds` are for the whole request: what it waited, for a first version or for loading, is taken off.
    """

    def __init__(
        self,
        tokens: int,
        *,
        limit_seconds: float = GATEWAY_PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = tokens
        self._limit_seconds = limit_seconds - waited_seconds()
        self._clock = clock
        self._began = clock()
        self._read = 0

    def spend(self, tokens: int) -> None:
        """Count the tokens of a window; raises TooLargeError if all windows, at this pace, would take too long."""
        self._read += tokens
        expected_seconds = (self._clock() - self._began) * self._tokens / self._read
        if self._read < self._tokens and expected_seconds > self._limit_seconds:
            raise TooLargeError(
                f"{self._tokens} tokens would take {expected_seconds:.0f} seconds, more than {self._limit_seconds:.3g}"
                ": send less text at once, or give the function more memory, and so more CPU"
            )
