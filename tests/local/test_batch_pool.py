"""A pool of processes for a batch: its reports, and processes that die. What every runner does is in tests/batches."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from functions.core.batches import ShardResult
from functions.core.definition import Definition
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
