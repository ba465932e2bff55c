"""The progress of a batch, from its record and the markers of its shards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from functions.core.batch_keys import part_key
from functions.core.batch_record import Batch, ShardResult


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of a batch. `total` is None before it is planned; empty lines of its file count in it until the end."""

    total: int | None
    done: int
    refused: int


@dataclass(frozen=True, slots=True)
class ShardCounts:
    """Shards of a batch; `total` is None before it is planned."""

    total: int | None
    done: int


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of shards that are done, their rows, and the seconds that they took together."""

    shards: int
    done: int
    refused: int
    seconds: float

    @classmethod
    def of_markers(cls, markers: Sequence[ShardResult]) -> Self:
        return cls(
            len(markers),
            sum(one.done for one in markers),
            sum(one.refused for one in markers),
            sum(one.seconds for one in markers),
        )

    @classmethod
    def of_result(cls, batch: Batch) -> Self | None:
        """What the result says; None before there is one."""
        plan, result = batch.plan, batch.result
        if result is None:
            return None
        if plan is not None and result.state == "succeeded":
            return cls(plan.shards, result.done, result.refused, result.seconds)
        shards = sum(key != part_key(batch, 0) for key in result.parts)
        return cls(shards, result.done, result.refused, result.seconds)


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """Rows and shards so far, and the seconds until the end; None where nothing tells them."""

    rows: RowCounts
    shards: ShardCounts
    seconds_left: float | None


def batch_progress(batch: Batch, tally: Tally, time: str) -> BatchProgress:
    """The progress at a `time` as clock.py writes it. `tally` is of now."""
    plan = batch.plan
    rows = RowCounts(_total(batch), tally.done, tally.refused)
    shards = ShardCounts(None if plan is None else plan.shards, tally.shards)
    return BatchProgress(rows, shards, _seconds_left(batch, tally.shards, time))


def _total(batch: Batch) -> int | None:
    if batch.result is not None and batch.result.state == "succeeded":
        return batch.result.done + batch.result.refused
    return None if batch.plan is None else batch.plan.rows


def _seconds_left(batch: Batch, done: int, time: str) -> float | None:
    """The seconds for the shards that are left, if they come as fast as those of this attempt did so far."""
    if batch.plan is None or batch.is_finished or batch.cancelled is not None:
        return None
    began, before = (batch.plan.time, 0) if batch.retried is None else (batch.retried.time, batch.retried.shards)
    if done <= before:
        return None
    elapsed = (datetime.fromisoformat(time) - datetime.fromisoformat(began)).total_seconds()
    return round(max(0.0, elapsed) / (done - before) * (batch.plan.shards - done), 1)
