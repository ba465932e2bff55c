"""The progress of a batch: rows and shards of its markers, and the time that is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.core.batch_keys import part_key
from functions.core.batch_progress import BatchProgress, RowCounts, ShardCounts, Tally, batch_progress
from functions.core.batch_record import Batch, BatchResult, Plan, Retried, ShardResult
from functions.core.definition import FileSettings

START, LATER = "2026-01-31T12:00:00.000000Z", "2026-01-31T12:01:00.000000Z"
WAITING = Batch("0" * 32, "rent", "to-predict/rent/a.csv", "csv", None, False, "ana", "f", START, START)
PLANNED = replace(
    WAITING, plan=Plan(3, START, WAITING.input, "csv", ("rooms",), 6, 2, FileSettings(), 1000, rows=100, shards=4)
)
MARKERS = [ShardResult(1, 20, 5, 10.0), ShardResult(2, 25, 0, 14.0)]


def shown(batch: Batch, markers: list[ShardResult]) -> BatchProgress:
    return batch_progress(batch, Tally.of_markers(markers), LATER)


def test_a_batch_that_waits_has_no_total() -> None:
    assert shown(WAITING, []) == BatchProgress(RowCounts(None, 0, 0), ShardCounts(None, 0), None)


def test_markers_count_rows_and_shards() -> None:
    assert shown(PLANNED, MARKERS) == BatchProgress(RowCounts(100, 45, 5), ShardCounts(4, 2), 60.0)


def test_nothing_tells_the_time_before_the_first_shard_and_after_the_end() -> None:
    assert shown(PLANNED, []).seconds_left is None
    assert shown(replace(PLANNED, cancelled=LATER), MARKERS).seconds_left is None
    ended = replace(PLANNED, result=BatchResult("partial", LATER, 45, 5, 24.0))
    assert shown(ended, MARKERS).seconds_left is None


def test_the_time_of_a_retry_is_that_of_its_own_shards() -> None:
    began = "2026-01-31T12:00:50.000000Z"
    assert shown(replace(PLANNED, retried=Retried(began, 1)), MARKERS).seconds_left == 20.0
    assert shown(replace(PLANNED, retried=Retried(began, 2)), MARKERS).seconds_left is None


def test_empty_lines_are_no_rows_at_the_end() -> None:
    ended = replace(PLANNED, result=BatchResult("succeeded", LATER, 90, 5, 24.0))
    assert shown(ended, MARKERS).rows.total == 95


@pytest.mark.parametrize("state", ["partial", "cancelled"])
def test_the_result_tells_the_shards_that_are_done_without_the_header(state: str) -> None:
    parts = tuple(part_key(PLANNED, number) for number in (0, 1, 3))
    ended = replace(PLANNED, result=BatchResult(state, LATER, 45, 5, 24.0, parts=parts))  # type: ignore[arg-type]
    assert Tally.of_result(ended) == Tally(2, 45, 5, 24.0)
    assert Tally.of_result(PLANNED) is None
