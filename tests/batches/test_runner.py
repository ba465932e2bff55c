"""The contract of BatchRunner, on the pool of a laptop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from functions.batches.runner import BatchRunner
from functions.core.batch_keys import part_key
from functions.core.batch_record import Batch
from functions.core.definition import Definition
from functions.local.batch_pool import BatchPool
from functions.local.home import Home
from tests.batches.small_batches import CHURN, SMALL_SHARD_BYTES, Workplace

RunnerOf = Callable[[Workplace], BatchRunner]


@pytest.fixture
def place(home: Home, definitions: Mapping[str, Definition], monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_BYTES", SMALL_SHARD_BYTES)
    return Workplace(home.registry, home.registry.storage, home.uploads, definitions)


@pytest.fixture(params=["pool"])
def runner_of(request: pytest.FixtureRequest) -> RunnerOf:
    return lambda place: BatchPool(place.registry, place.files, processes=2)


def ended(place: Workplace, batch: Batch) -> Batch:
    return place.batches.read(batch.model, batch.batch)


def test_a_runner_runs_all_shards_and_finishes(place: Workplace, runner_of: RunnerOf) -> None:
    batch = place.planned(CHURN, id="customerid")
    runner_of(place).run(batch)
    done = ended(place, batch)
    assert done.result is not None
    assert (done.result.state, done.result.done) == ("succeeded", 300)
    assert [one["line"] for one in place.predicted(done)] == list(range(2, 302))
    before = place.files.keys("batches")
    runner_of(place).run(done)
    assert (ended(place, batch), place.files.keys("batches")) == (done, before)


def test_a_shard_that_cannot_be_read_leaves_a_partial_batch_that_a_retry_completes(
    place: Workplace, runner_of: RunnerOf
) -> None:
    batch = place.planned(CHURN)
    assert batch.plan is not None
    # the file ends before the last shard, whose rows another version of the file had
    shards = place.batches.shards(batch)
    poisoned = (*shards[:-1], replace(shards[-1], start=10**9, end=10**9 - 1, lines=-1))
    place.batches.write_shards(batch, poisoned)
    place.files.write(part_key(batch, shards[-1].number) + "/below", b"")
    runner_of(place).run(batch)
    partial = ended(place, batch)
    assert partial.result is not None
    assert (partial.result.state, len(partial.result.parts)) == ("partial", batch.plan.shards - 1)
    place.files.delete(part_key(batch, shards[-1].number) + "/below")
    place.batches.write_shards(batch, shards)
    retried = place.batches.change(batch.model, batch.batch, lambda one: replace(one, attempt=2, result=None))
    runner_of(place).run(retried)
    done = ended(place, batch)
    assert done.result is not None
    assert (done.result.state, done.result.done) == ("succeeded", 300)


def test_a_cancelled_batch_runs_nothing(place: Workplace, runner_of: RunnerOf) -> None:
    batch = place.planned(CHURN)
    place.batches.change(batch.model, batch.batch, lambda one: replace(one, cancelled="now"))
    runner_of(place).run(batch)
    done = ended(place, batch)
    assert (done.state(0), place.batches.done_numbers(batch)) == ("cancelled", [])


def test_a_batch_without_a_plan_is_left_alone(place: Workplace, runner_of: RunnerOf) -> None:
    batch = place.sent(CHURN)
    runner_of(place).run(batch)
    assert ended(place, batch) == batch
