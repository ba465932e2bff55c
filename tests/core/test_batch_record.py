"""The record of a batch: its state, its lookups, and the next attempt at it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.core.batch_record import Batch, BatchResult, BatchState, Plan
from functions.core.definition import FileSettings

MOMENT = "2026-11-29T10:00:00.000000Z"
BATCH = Batch("a" * 32, "churn", "to-predict/churn/x.csv", "jsonl", "id", True, "ana", "f", MOMENT, MOMENT)
PLAN = Plan(3, MOMENT, "in", "csv", ("a", "b"), 4, 2, FileSettings(), 1000, 20, 2, "id")
RESULT = BatchResult("partial", MOMENT, 10, 2, 1.5, "1 of 2")


@pytest.mark.parametrize(
    ("changes", "markers", "state"),
    [
        ({}, 0, "waiting"),
        ({"plan": PLAN}, 0, "planned"),
        ({"plan": PLAN}, 1, "running"),
        ({"plan": PLAN, "cancelled": MOMENT}, 1, "cancelled"),
        ({"plan": PLAN, "result": RESULT}, 1, "partial"),
    ],
)
def test_the_state_follows_from_the_record_and_the_markers(
    changes: dict[str, Any], markers: int, state: BatchState
) -> None:
    assert replace(BATCH, **changes).state(markers) == state


def test_only_a_batch_with_ids_is_looked_up() -> None:
    assert PLAN.has_lookup(BATCH)
    assert not replace(PLAN, id=None).has_lookup(BATCH)
    assert not PLAN.has_lookup(replace(BATCH, lookup=False))
    assert not replace(PLAN, no_lookup="too many").has_lookup(BATCH)


def test_the_next_attempt_keeps_the_plan_and_nothing_of_the_end_before() -> None:
    fault = {"loc": ["file"], "msg": "m", "type": "t"}
    ended = replace(BATCH, plan=PLAN, result=RESULT, cancelled=MOMENT, faults=(fault,), attempt=2)
    again = ended.begun_again(1)
    assert (again.plan, again.attempt, again.state(1)) == (PLAN, 3, "running")
    assert (again.result, again.cancelled, again.faults) == (None, None, ())
    assert again.retried is not None
    assert (again.retried.shards, again.retried.time > MOMENT) == (1, True)
