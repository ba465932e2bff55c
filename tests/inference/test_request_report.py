"""The report of a request: filled in by its route, also in another thread, and separate from any other request."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.concurrency import run_in_threadpool

from functions.inference.request_report import Report, current_report, reporting
from functions.serving.version import Predictions


def loaded(version: int) -> Any:
    return SimpleNamespace(manifest=SimpleNamespace(version=version))


@pytest.mark.parametrize("is_stale", [False, True])
def test_a_report_has_the_version_the_rows_and_all_warnings(is_stale: bool) -> None:
    stale: Any = SimpleNamespace(is_stale=is_stale)
    warning: Any = "a warning"
    with reporting() as report:
        current_report().serves(loaded(3), stale)
        current_report().predicted(Predictions(3, [1.5, 2.5], [[warning], [warning, warning]], None))
    assert report == Report(version=3, is_stale=is_stale, rows=2, warnings=3)


def test_a_thread_and_a_task_write_into_the_report_of_their_request() -> None:
    async def write(rows: int) -> None:
        current_report().rows += rows

    async def answer() -> None:
        await asyncio.create_task(write(1))
        await run_in_threadpool(asyncio.run, write(2))

    with reporting() as report:
        asyncio.run(answer())
    assert report.rows == 3


def test_requests_have_reports_of_their_own() -> None:
    with reporting() as first:
        current_report().rows = 1
        with reporting() as inner:
            current_report().rows = 2
        current_report().warnings = 4
    assert (first, inner) == (Report(rows=1, warnings=4), Report(rows=2))


def test_without_a_reader_a_report_is_new_each_time() -> None:
    current_report().rows = 5
    assert current_report() == Report()
