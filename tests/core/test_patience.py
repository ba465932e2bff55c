"""The time of a request counts from its arrival, in every thread that works on it."""

from __future__ import annotations

import asyncio
import math
import time

from starlette.concurrency import run_in_threadpool

from functions.core.patience import RequestArrived, seconds_left, waited_seconds


def test_it_counts_from_the_arrival_in_another_thread_too() -> None:
    async def answer() -> tuple[float, float]:
        with RequestArrived():
            time.sleep(0.02)
            return waited_seconds(), await run_in_threadpool(waited_seconds)

    here, there = asyncio.run(answer())
    assert 0.02 <= here <= there < 10


def test_outside_of_a_request_nothing_has_been_waited_for() -> None:
    with RequestArrived():
        pass
    assert waited_seconds() == 0.0


def test_a_limit_is_that_of_a_request_from_its_arrival_and_of_nothing_else() -> None:
    with RequestArrived():
        time.sleep(0.02)
        assert 0 < seconds_left(25.0) <= 24.98
        assert seconds_left(0.01) < 0
    assert seconds_left(25.0) == math.inf
