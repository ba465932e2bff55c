"""A request that would outlast the gateway ends after its first window."""

from __future__ import annotations

from itertools import accumulate, chain

import pytest

from functions.core.errors import TooLargeError
from functions.predictors.question_answering import time_budget
from functions.predictors.question_answering.time_budget import ReadingTime


def reading(tokens: int, *seconds: float) -> ReadingTime:
    """A request whose windows take these seconds each."""
    moments = chain([0.0], accumulate(seconds))
    return ReadingTime(tokens, limit_seconds=25.0, clock=lambda: next(moments))


def test_a_pace_that_suffices_is_no_error() -> None:
    spent = reading(8000, 12.0, 12.0)
    spent.spend(4000)
    spent.spend(4000)


def test_the_first_window_decides_for_all() -> None:
    spent = reading(8000, 4.0)
    with pytest.raises(TooLargeError, match="8000 tokens would take 32 seconds, more than 25"):
        spent.spend(1000)


def test_what_the_request_waited_before_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_budget, "waited_seconds", lambda: 20.5)
    with pytest.raises(TooLargeError, match=r"8000 tokens would take 8 seconds, more than 4\.5: "):
        reading(8000, 1.0).spend(1000)


def test_what_is_read_already_is_answered() -> None:
    reading(8000, 40.0).spend(8000)
