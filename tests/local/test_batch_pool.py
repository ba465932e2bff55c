"""A pool of processes for a batch: its reports, and processes that die. What every runner does is in tests/batches."""

from __future__ import annotations

import multiprocessing
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.batch_record import ShardResult
from functions.core.definition import Definition
from functions.core.local_storage import LocalStorage
from functions.local.batch_pool import BatchPool
from functions.local.home import Home
from tests.batches.small_batches import CHURN, SMALL_SHARD_BYTES, Workplace


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


def test_records_may_lie_apart_from_the_registry(place: Workplace, tmp_path: Path) -> None:
    apart = replace(place, records=LocalStorage(tmp_path / "apart"))
    batch = apart.planned(CHURN)
    BatchPool(apart.registry, apart.files, records=apart.records, compression=0).run(batch)
    ended = apart.batches.read("churn", batch.batch)
    assert ended.result is not None
    assert ended.result.state == "succeeded"
    assert place.registry.storage.keys("models/churn/batches") == []
    assert len(apart.files.read(ended.result.parts[0]).body) > SMALL_SHARD_BYTES // 2
