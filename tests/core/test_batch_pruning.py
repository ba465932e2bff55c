"""Removal of batches: those that ended long ago go with all that they made, and those that answer stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.core.batch_keys import errors_key, part_key
from functions.core.batch_record import Batch, BatchResult, Plan, ShardResult
from functions.core.batches import Batches
from functions.core.definition import FileSettings, Retention
from functions.core.local_storage import LocalStorage
from functions.core.lookups import StoredPrediction, let_answer
from functions.core.prune_steps import WAITING_SECONDS
from functions.core.pruning import Pruning
from functions.core.registry import Registry
from tests.core.pruning_runs import DAY, PruneClock, prune
from tests.predictions_in_memory import PredictionsInMemory

KEPT = Retention(batch_days=10)


@pytest.fixture
def store() -> PredictionsInMemory:
    return PredictionsInMemory()


def a_batch(registry: Registry, files: LocalStorage, clock: PruneClock, name: str, **changes: Any) -> Batch:
    """A batch that has succeeded, with every object that it leaves."""
    own = name * 32
    key = f"to-predict/churn/batches/{own}/rows.csv"
    plan = Plan(3, clock(), key, "csv", ("tenure",), 0, 2, FileSettings(), 1000, rows=1, shards=1)
    result = BatchResult("succeeded", clock(), 1, 0, 1.0)
    wanted = Batch(own, "churn", key, "csv", "id", True, "ana", name, clock(), clock(), plan=plan, result=result)
    batch = replace(wanted, **changes)
    batches = Batches(registry.storage, files)
    batches.create(batch)
    files.write(batch.input, b"rows")
    if batch.plan is not None:
        batches.note_version(batch, 3)
        batches.write_shards(batch, [])
        for made in (part_key(batch, 1), errors_key(batch, 1)):
            files.write(made, b"made")
        batches.write_marker(batch, ShardResult(1, 1, 0, 1.0))
    return batch


def names(registry: Registry, files: LocalStorage) -> list[str]:
    return [one.batch[0] for one in Batches(registry.storage, files).newest_first("churn").entries]


def test_a_batch_goes_with_its_file_its_results_and_its_predictions(
    registry: Registry, uploads: LocalStorage, clock: PruneClock, store: PredictionsInMemory
) -> None:
    batch = a_batch(registry, uploads, clock, "a")
    store.write("churn", batch.batch, [StoredPrediction("ana", 2, "yes")])
    clock.wait(10 * DAY)
    assert prune(registry, KEPT, uploads, store) == []
    clock.wait(1)
    assert prune(registry, KEPT, uploads, store) == [("remove", f"models/churn/batches/{batch.batch}")]
    assert (registry.storage.keys(""), uploads.keys(""), store.held) == ([], [], {})


def test_without_days_batches_stay(registry: Registry, uploads: LocalStorage, clock: PruneClock) -> None:
    a_batch(registry, uploads, clock, "a")
    clock.wait(1000 * DAY)
    assert prune(registry, Retention(job_days=1), uploads) == []
    assert prune(registry, KEPT, None) == []


def test_a_batch_that_goes_on_stays_however_old(registry: Registry, uploads: LocalStorage, clock: PruneClock) -> None:
    a_batch(registry, uploads, clock, "a", result=None)
    clock.wait(1000 * DAY)
    assert prune(registry, KEPT, uploads) == []


def test_a_batch_whose_file_never_came_goes_after_its_form(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    batch = a_batch(registry, uploads, clock, "a", plan=None, result=None)
    uploads.delete(batch.input)
    clock.wait(WAITING_SECONDS)
    assert prune(registry, KEPT, uploads) == []
    clock.wait(1)
    assert len(prune(registry, KEPT, uploads)) == 1
    assert names(registry, uploads) == []


def test_a_batch_whose_file_came_waits_for_its_turn(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    a_batch(registry, uploads, clock, "a", plan=None, result=None)
    clock.wait(1000 * DAY)
    assert prune(registry, KEPT, uploads) == []


def test_the_batch_that_answers_and_the_one_before_it_stay(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    for name in "abc":
        batch = a_batch(registry, uploads, clock, name)
        let_answer(registry.storage, "churn", batch.batch, batch.created, actor="ana")
        clock.wait(1)
    clock.wait(1000 * DAY)
    prune(registry, KEPT, uploads)
    assert names(registry, uploads) == ["c", "b"]


def test_the_batch_of_a_dropped_file_stays_while_the_file_does(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    """The watcher of a laptop would take the file for a new one, and predict it again."""
    batch = a_batch(registry, uploads, clock, "a", input="to-predict/churn/rows.csv")
    clock.wait(100 * DAY)
    assert prune(registry, KEPT, uploads) == []
    uploads.delete(batch.input)
    assert len(prune(registry, KEPT, uploads)) == 1


def test_a_batch_that_is_begun_again_after_the_plan_is_not_removed(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    result = BatchResult("partial", clock(), 1, 0, 1.0)
    batch = a_batch(registry, uploads, clock, "a", result=result)
    clock.wait(100 * DAY)
    pruning = Pruning(registry, uploads, {"churn": KEPT})
    plan = pruning.plan()
    assert len(plan) == 1
    Batches(registry.storage, uploads).change("churn", batch.batch, lambda one: replace(one, result=None, attempt=2))
    pruning.carry_out(plan)
    assert names(registry, uploads) == ["a"]
    assert uploads.read(batch.input).body == b"rows"


@pytest.mark.parametrize("deletes", range(7))
def test_a_removal_that_dies_is_ended_by_the_next_run(
    registry: Registry, uploads: LocalStorage, clock: PruneClock, deletes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_batch(registry, uploads, clock, "a")
    clock.wait(100 * DAY)
    left = iter(range(deletes))
    for storage in (uploads, registry.storage):
        delete = storage.delete

        def dying(key: str, delete: Any = delete) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            delete(key)

        monkeypatch.setattr(storage, "delete", dying)
    with pytest.raises(KeyboardInterrupt):
        prune(registry, KEPT, uploads)
    monkeypatch.undo()
    clock = PruneClock(monkeypatch)
    clock.wait(100 * DAY)
    prune(registry, KEPT, uploads)
    assert (registry.storage.keys(""), uploads.keys("")) == ([], [])
