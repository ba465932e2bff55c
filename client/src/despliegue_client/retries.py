"""Requests that are repeated: when, after how long, and until when."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from despliegue_client.errors import NoAnswerError
from despliegue_client.exchange import Answer, Operation, Pause, Request

REPEATED = (429, 503)
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 20.0
SPREAD_SECONDS = 0.25
"""The most that is added to a Retry-After, so that requests that were refused together do not come back together."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A request may be sent again until `seconds` after it was sent first.

    Where the server names no time, the pause has full jitter: anything up to a bound that doubles.
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    seconds: float
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random

    def pause_seconds(self, attempt: int, retry_after_seconds: float | None) -> float:
        """The pause after `attempt` requests, counted from 0."""
        if retry_after_seconds is not None:
            return retry_after_seconds + self.chance() * SPREAD_SECONDS
        bound = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempt, 16))
        return self.chance() * bound


def exchanged(request: Request, policy: RetryPolicy) -> Operation[Answer]:
    """The answer to a request. Raises ApiError for a refusal, NoAnswerError where no answer came."""
    until = policy.clock() + policy.seconds
    attempt = 0
    while True:
        failure: Exception
        try:
            answer: Answer = yield request
        except NoAnswerError as error:
            if error.was_sent and not request.is_repeatable:
                raise
            wanted, failure = None, error
        else:
            if not answer.is_refusal:
                return answer
            wanted = retry_after_seconds(answer)
            failure = answer.error(request, retry_after_seconds=wanted)
            if answer.status not in REPEATED:
                raise failure
        pause = policy.pause_seconds(attempt, wanted)
        if policy.clock() + pause > until:
            raise failure
        yield Pause(pause)
        attempt += 1


def retry_after_seconds(answer: Answer, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """What the header asks for, in seconds or as a date (RFC 9110); None without one that can be read."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # a date with the zone -0000 has none
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now()).total_seconds())
