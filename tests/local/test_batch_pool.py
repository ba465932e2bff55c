"""A pool of processes for a batch: its reports, and processes that die. What every runner does is in tests/batches."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.batch_record import ShardResult
from functions.core.definition import Definition
from functions.core.local_storage import LocalStorage
from functions.core.processors import THREADS_VARIABLE, processor_count, thread_count
from functions.local.batch_pool import BatchPool
from functions.local.home import Home
from tests.batches.small_batches import CHURN, SMALL_SHARD_BYTES, Workplace


class TellingStorage(LocalStorage):
    """A folder whose readers leave the threads that their process may have beside it."""

    def read_range(self, key: str, start: int, end: int) -> bytes:
        told = self.root.with_name(f"{os.getpid()}.threads")
        told.write_text(str(thread_count()), encoding="ascii")
        return super().read_range(key, start, end)


@pytest.fixture
def place(home: Home, definitions: Mapping[str, Definition], monkeypatch: pytest.MonkeyPatch) -> Workplace:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_BYTES", SMALL_SHARD_BYTES)
    return Workplace(home.registry, home.registry.storage, home.uploads, definitions)


def test_each_shard_is_reported_once(place: Workplace) -> None:
    reports: list[ShardResult] = []
    batch = place.planned(CHURN)
    BatchPool(place.registry, place.files, on_shard=reports.append).run(batch)
    assert sorted(one.number for one in reports) == place.batches.done_numbers(batch)
    assert sum(one.done for one in reports) == 300
    BatchPool(place.registry, place.files, on_shard=reports.append).run(place.batches.read("churn", batch.batch))
    assert len(reports) == len(place.batches.done_numbers(batch))


def test_a_shard_whose_process_was_killed_is_run_again(place: Workplace) -> None:
    killed: list[int | None] = []

    def kill_once(ended: ShardResult) -> None:
        if not killed:
            for child in multiprocessing.active_children():
                killed.append(child.pid)
                child.kill()

    batch = place.planned(CHURN)
    BatchPool(place.registry, place.files, on_shard=kill_once).run(batch)
    assert killed
    ended = place.batches.read("churn", batch.batch)
    assert ended.result is not None
    assert (ended.result.state, ended.result.done) == ("succeeded", 300)


@pytest.mark.parametrize("moment", ["on_shard", "complete"])
def test_a_run_that_outlives_its_attempt_does_not_end_the_one_after_it(place: Workplace, moment: str) -> None:
    batch = place.planned(CHURN)

    def begin_again(_: object) -> None:
        place.batches.change("churn", batch.batch, lambda one: one if one.attempt > 1 else one.begun_again(1))

    changes: dict[str, Any] = {moment: begin_again}
    BatchPool(place.registry, place.files, **changes).run(batch)
    again = place.batches.read("churn", batch.batch)
    assert (again.attempt, again.result) == (2, None)
    BatchPool(place.registry, place.files).run(again)
    assert place.batches.read("churn", batch.batch).state(0) == "succeeded"


def test_records_may_lie_apart_from_the_registry(place: Workplace, tmp_path: Path) -> None:
    apart = replace(place, records=LocalStorage(tmp_path / "apart"))
    batch = apart.planned(CHURN)
    BatchPool(apart.registry, apart.files, records=apart.records, compression=0).run(batch)
    ended = apart.batches.read("churn", batch.batch)
    assert ended.result is not None
    assert ended.result.state == "succeeded"
    assert place.registry.storage.keys("models/churn/batches") == []
    assert len(apart.files.read(ended.result.parts[0]).body) > SMALL_SHARD_BYTES // 2


def test_the_processes_share_the_processors(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(THREADS_VARIABLE, raising=False)
    files = TellingStorage(place.files.root)
    BatchPool(place.registry, files, processes=2).run(place.planned(CHURN))
    told = {int(path.read_text(encoding="ascii")) for path in files.root.parent.glob("*.threads")}
    assert told == {max(1, processor_count() // 2)}
