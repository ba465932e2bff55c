"""Removal of training rows: what no version names goes in two runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from functions.core import training_data
from functions.core.definition import Retention
from functions.core.manifest import Manifest, TrainingData
from functions.core.pruning import Pruning
from functions.core.registry import Registry
from functions.core.retirement import RETIRED_SECONDS
from functions.core.row_ids import RowIds, store_ids
from tests.core.pruning_runs import DAY, PruneClock, prune, serve

Publish = Callable[..., Manifest]
ROWS = {"a": [1, 2, 3]}
pytestmark = pytest.mark.usefixtures("clock")


def with_rows(registry: Registry, publish: Publish, rows: int, time: str) -> str:
    """Publish a version that names rows of its own; returns their digest."""
    digest = training_data.store(registry.storage, {"a": list(range(rows))})
    manifest = publish(registry)
    data = TrainingData(digest=digest, time=time, rows_training=rows, rows_evaluation=1, mode="replace")
    key = f"models/churn/versions/{manifest.version}/manifest.json"
    registry.storage.write(key, replace(manifest, data=data).to_json())
    return digest


def test_rows_that_no_version_names_go_in_two_runs(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    named = with_rows(registry, publish, 30, clock())
    orphan = training_data.store(registry.storage, {"a": [1]})
    assert prune(registry, Retention(versions=5)) == [("retire", f"data/{orphan}")]
    clock.wait(RETIRED_SECONDS + 1)
    assert prune(registry, Retention(versions=5)) == [("remove", f"data/{orphan}")]
    assert registry.storage.children("data") == [named]


def test_rows_are_kept_for_their_days_and_those_of_production_always(
    registry: Registry, publish: Publish, clock: PruneClock
) -> None:
    digests = [with_rows(registry, publish, rows, clock()) for rows in (30, 40, 50)]
    serve(registry, 2)
    serve(registry, 3)
    clock.wait(10 * DAY + 1)
    young = with_rows(registry, publish, 60, clock())
    assert prune(registry, Retention(data_days=10)) == [("retire", f"data/{digests[0]}")]
    clock.wait(DAY)
    prune(registry, Retention(data_days=10))
    assert set(registry.storage.children("data")) == {*digests[1:], young}
    assert registry.versions("churn") == [1, 2, 3, 4]


def with_due_rows(registry: Registry, publish: Publish, clock: PruneClock) -> str:
    """The digest of ROWS, which no version has, and whose mark is over."""
    publish(registry)
    digest = training_data.store(registry.storage, ROWS)
    prune(registry, Retention(versions=5))
    clock.wait(RETIRED_SECONDS + 1)
    return digest


def test_rows_that_a_training_stores_meanwhile_are_kept(
    registry: Registry, publish: Publish, clock: PruneClock
) -> None:
    digest = with_due_rows(registry, publish, clock)
    assert training_data.store(registry.storage, ROWS) == digest
    assert prune(registry, Retention(versions=5)) == []
    clock.wait(60)
    with_rows(registry, publish, 3, clock())
    key = "models/churn/versions/2/manifest.json"
    document = orjson.loads(registry.storage.read(key).body)
    document["data"]["digest"] = digest
    registry.storage.write(key, orjson.dumps(document))
    steps = prune(registry, Retention(versions=5))
    assert ("keep", f"data/{digest}") in steps
    assert training_data.load(registry.storage, digest) == ROWS


def test_rows_that_a_training_stores_after_the_plan_are_kept(
    registry: Registry, publish: Publish, clock: PruneClock
) -> None:
    digest = with_due_rows(registry, publish, clock)
    pruning = Pruning(registry, None, {"churn": Retention(versions=5)})
    plan = pruning.plan()
    assert [(one.step, one.key) for one in plan] == [("remove", f"data/{digest}")]
    training_data.store(registry.storage, ROWS)
    pruning.carry_out(plan)
    assert training_data.load(registry.storage, digest) == ROWS
    clock.wait(RETIRED_SECONDS + 1)
    prune(registry, Retention(versions=5))
    assert not training_data.is_stored(registry.storage, digest)


def test_rows_of_models_without_a_retention_are_kept(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    digest = with_rows(registry, publish, 30, clock())
    clock.wait(1000 * DAY)
    pruning = Pruning(registry, None, {"other": Retention(data_days=1)})
    assert pruning.plan() == []
    assert registry.storage.children("data") == [digest]


def test_rows_without_forgotten_ones_are_kept_and_go_with_their_ids(
    registry: Registry, publish: Publish, clock: PruneClock
) -> None:
    named = with_rows(registry, publish, 3, clock())
    rest = training_data.store(registry.storage, {"a": [1, 2]})
    store_ids(registry.storage, rest, [RowIds("churn", "key", ()).extended(("ana", "bo"))])
    training_data.note_forgotten(registry.storage, named, training_data.Forgotten(clock(), 1, rest))
    training_data.delete_rows(registry.storage, named)
    assert prune(registry, Retention(versions=5)) == []
    with_rows(registry, publish, 4, clock())
    serve(registry, 2)
    clock.wait(DAY + 1)
    kept = Retention(versions=5, data_days=1)
    assert prune(registry, kept) == [("retire", f"data/{digest}") for digest in sorted((named, rest))]
    clock.wait(RETIRED_SECONDS + 1)
    prune(registry, kept)
    assert [key for key in registry.storage.keys("data") if named in key or rest in key] == []


def test_what_a_removal_that_died_left_of_a_table_goes(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    publish(registry)
    digest = training_data.store(registry.storage, {"a": [1]})
    store_ids(registry.storage, digest, [RowIds("churn", "key", ()).extended(("ana",))])
    prune(registry, Retention(versions=5))
    clock.wait(RETIRED_SECONDS + 1)
    registry.storage.delete(f"data/{digest}")
    prune(registry, Retention(versions=5))
    assert registry.storage.keys("data") == []


def test_a_record_that_cannot_be_read_keeps_all_rows(
    registry: Registry, publish: Publish, clock: PruneClock, caplog: pytest.LogCaptureFixture
) -> None:
    digest = with_rows(registry, publish, 3, clock())
    training_data.store(registry.storage, {"a": [1]})
    registry.storage.write(f"data/{digest}.forgotten.json", b"{")
    assert prune(registry, Retention(versions=5)) == []
    assert "no training data is removed: " in caplog.text


def test_a_manifest_that_cannot_be_read_keeps_all_rows(
    registry: Registry, publish: Publish, clock: PruneClock, caplog: pytest.LogCaptureFixture
) -> None:
    with_rows(registry, publish, 30, clock())
    training_data.store(registry.storage, {"a": [1]})
    registry.storage.write("models/churn/versions/1/manifest.json", b"{")
    assert prune(registry, Retention(versions=5, data_days=1)) == []
    assert "no training data is removed: version 1 of churn" in caplog.text
