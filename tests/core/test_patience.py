"""The time of a request counts from its arrival, in every thread that works on it."""

from __future__ import annotations

import asyncio
import time

from starlette.concurrency import run_in_threadpool

from functions.core.patience import RequestArrived, waited_seconds


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
