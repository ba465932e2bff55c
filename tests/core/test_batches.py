"""The records of batches: written once, changed in turn, and read in any state of decay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from functions.core import batches as module
from functions.core.batch_keys import folder_of
from functions.core.batch_record import Batch, BatchResult, Plan, Shard, ShardResult
from functions.core.batches import Batches
from functions.core.definition import FileSettings
from functions.core.errors import ConflictError, DamagedRecordError, NotFoundError
from functions.core.storage import Storage

MOMENT = "2026-11-29T10:00:00.000000Z"
BATCH = Batch("a" * 32, "churn", "to-predict/churn/x.csv", "jsonl", "id", True, "ana", "f", MOMENT, MOMENT)
FILES = FileSettings(fill={"a": 1, "b": "x"}, rename_values={"a": {"b": "c"}}, date_order={"d": "day-month-year"})
PLAN = Plan(3, MOMENT, "in", "csv", ("a", "b"), 4, 2, FILES, 1000, 20, 2, "id", ("a",), ("a", "prediction"))
RESULT = BatchResult("partial", MOMENT, 10, 2, 1.5, "1 of 2", None, ("p",), ("e",), {"r2": 0.5, "rmse": None})


@pytest.fixture
def batches(storage: Storage) -> Batches:
    return Batches(storage, storage)


def other(digit: str, **changes: Any) -> Batch:
    return replace(BATCH, batch=digit * 32, **changes)


def test_a_record_is_read_as_it_was_written(batches: Batches) -> None:
    whole = replace(BATCH, plan=PLAN, result=RESULT, faults=({"loc": ["file"], "msg": "m", "type": "t"},), attempt=3)
    assert batches.create(whole) == (whole, True)
    assert batches.read("churn", whole.batch) == whole
    assert batches.create(BATCH) == (whole, False)


@pytest.mark.parametrize("name", ["b" * 32, "x", "../x", "A" * 32, "a" * 31])
def test_a_batch_that_is_not_there_is_not_found(batches: Batches, name: str) -> None:
    batches.create(BATCH)
    with pytest.raises(NotFoundError, match="no batch"):
        batches.read("churn", name)


def test_changes_of_many_writers_all_count(batches: Batches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHANGES_ATTEMPTS", 1000)
    batches.create(BATCH)
    with ThreadPoolExecutor(8) as pool:
        changes = [
            pool.submit(batches.change, "churn", BATCH.batch, lambda one: replace(one, attempt=one.attempt + 1))
            for _ in range(24)
        ]
    assert all(change.exception() is None for change in changes)
    found = batches.read("churn", BATCH.batch)
    assert found.attempt == 25
    assert found.updated > MOMENT


def test_a_change_to_the_same_writes_nothing(batches: Batches) -> None:
    batches.create(BATCH)
    assert batches.change("churn", BATCH.batch, lambda one: one) == BATCH


def test_a_record_that_others_change_all_the_time_is_a_conflict(batches: Batches) -> None:
    batches.create(BATCH)

    def changed(one: Batch) -> Batch:
        if one.attempt < 100:
            batches.change("churn", BATCH.batch, lambda other: replace(other, attempt=other.attempt + 100))
        return replace(one, actor="eva")

    assert batches.change("churn", BATCH.batch, changed).actor == "eva"

    def never(one: Batch) -> Batch:
        batches.change("churn", BATCH.batch, lambda other: replace(other, attempt=other.attempt + 1))
        return replace(one, actor="bo")

    with pytest.raises(ConflictError, match="try again"):
        batches.change("churn", BATCH.batch, never)


def test_batches_are_listed_newest_first_without_the_damaged_ones(
    batches: Batches, storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    for digit in "bcd":
        batches.create(other(digit, created=f"2026-11-2{digit}"))
    storage.write(f"models/churn/batches/{'e' * 32}/manifest.json", b"{")
    storage.write(f"models/churn/batches/{'f' * 32}/shards.json", b"[]")
    storage.write("models/churn/batches/x/manifest.json", b"{}")
    found = batches.newest_first("churn")
    assert [one.batch[0] for one in found.entries] == ["d", "c", "b"]
    assert [one.batch[0] for one in batches.newest_first("churn", 1, 1).entries] == ["c"]
    assert batches.newest_first("churn", 1, 1).total == 3
    assert "left out" in caplog.text
    with pytest.raises(DamagedRecordError):
        batches.read("churn", "e" * 32)


def test_shards_and_markers_are_read_in_their_order(batches: Batches, storage: Storage) -> None:
    shards = (Shard(1, 0, 10, 2, 5), Shard(2, 10, 30, 7, 9))
    assert not batches.has_shards(BATCH)
    batches.write_shards(BATCH, shards)
    assert batches.has_shards(BATCH)
    assert batches.shards(BATCH) == shards
    results = [ShardResult(number, 5, 1, 0.25) for number in (12, 2, 100_000)]
    for result in results:
        batches.write_marker(BATCH, result)
    storage.write(f"{folder_of(BATCH)}/done/other.txt", b"")
    assert batches.done_numbers(BATCH) == [2, 12, 100_000]
    assert batches.results(BATCH) == [results[1], results[0], results[2]]
    assert batches.done_numbers(other("b")) == []
