"""Batches of a home: begun by their files, ended in every way, and taken up again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from functions.core.batch_record import Batch
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import StorageError
from functions.core.lookups import answering_batch
from functions.core.uploads import Arrival
from functions.local import batch_worker
from functions.local.batch_pool import BatchPool
from functions.local.batch_worker import MOST_AT_ONCE, BatchWorker
from functions.local.home import Home
from tests.batching import InlineRunner

Row = dict[str, Any]
MODEL = "churn"
POINTER = f"models/{MODEL}/predictions.json"


class Inline:
    """Instead of the pool: the shards run in this process, once `gate` lets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_open = True
        self.begun: list[str] = []
        self.errors: list[Exception] = []

        def run(pool: BatchPool, batch: Batch) -> None:
            self.begun.append(batch.batch)
            if self.errors:
                raise self.errors.pop()
            while not self.is_open:
                time.sleep(0.01)
            runner = InlineRunner(pool.registry, pool.files, pool.store)  # type: ignore[arg-type]
            if not batch.is_finished:
                runner.predict(batch)
                runner.finish(batch)

        monkeypatch.setattr(batch_worker.BatchPool, "run", run)


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inline]:
    pool = Inline(monkeypatch)
    yield pool
    pool.is_open = True


@pytest.fixture
def worker(home: Home, definitions: Mapping[str, Definition], inline: Inline) -> BatchWorker:
    return BatchWorker(definitions, home)


@pytest.fixture
def submit(
    home: Home, definitions: Mapping[str, Definition], instances: Callable[[str], list[Row]]
) -> Callable[[], Batch]:
    submissions = BatchSubmissions(home.registry.storage, home.uploads)
    return lambda: submissions.submit(definitions[MODEL], instances(MODEL)[:5], BatchRequest())


def arrival_of(key: str) -> Arrival:
    return Arrival(key, "identity", now())


def worked(worker: BatchWorker, key: str) -> None:
    """Give the arrival to the worker again and again, as the loop does, until it has ended."""
    deadline = time.monotonic() + 60
    while not worker.work(arrival_of(key)):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def state_of(home: Home, batch: str) -> str:
    return Batches(home.registry.storage, home.uploads).read(MODEL, batch).state(0)


def only_batch(home: Home) -> Batch:
    (batch,) = Batches(home.registry.storage, home.uploads).newest_first(MODEL).entries
    return batch


def test_a_batch_runs_once_its_file_is_there_and_only_once(
    worker: BatchWorker, home: Home, submit: Callable[[], Batch], inline: Inline
) -> None:
    batch = submit()
    worked(worker, batch.input)
    assert state_of(home, batch.batch) == "succeeded"
    assert worker.work(arrival_of(batch.input))
    assert inline.begun == [batch.batch]


def test_a_dropped_file_makes_its_batch_and_stays_its_owners(
    worker: BatchWorker, home: Home, definitions: Mapping[str, Definition]
) -> None:
    sample = definitions[MODEL].folder / "sample.csv"
    home.create([MODEL])
    key = f"to-predict/{MODEL}/customers.csv"
    shutil.copy(sample, home.root / key)
    worked(worker, key)
    batch = only_batch(home)
    assert (batch.state(0), batch.actor, batch.input) == ("succeeded", "upload", key)
    assert (home.root / key).read_bytes() == sample.read_bytes()


@pytest.mark.parametrize("body", [b"", b"a;b\n1;2\n", b"\x1f\x8bpacked"])
def test_a_file_that_cannot_be_predicted_ends_its_batch_with_the_fault(
    worker: BatchWorker, home: Home, body: bytes
) -> None:
    key = f"to-predict/{MODEL}/customers.csv"
    home.uploads.write(key, body)
    worked(worker, key)
    batch = only_batch(home)
    assert batch.state(0) == "failed"
    assert batch.result is not None
    assert str(batch.result.reason).startswith("the file was refused: ")
    assert batch.faults[0]["loc"][0] == "file"


def test_a_model_without_a_version_fails_its_batch_and_a_retry_waits_for_one(
    worker: BatchWorker, home: Home, submit: Callable[[], Batch]
) -> None:
    pointer = f"models/{MODEL}/production.json"
    production = home.registry.storage.read(pointer).body
    home.registry.storage.delete(pointer)
    batch = submit()
    worked(worker, batch.input)
    failed = only_batch(home)
    assert failed.result is not None
    assert "no version in production" in str(failed.result.reason)
    home.registry.storage.write(pointer, production)
    BatchSubmissions(home.registry.storage, home.uploads).retry(MODEL, batch.batch)
    worked(worker, f"to-predict/{MODEL}/batches/{batch.batch}/_retry-2.json")
    assert state_of(home, batch.batch) == "succeeded"


def test_several_batches_run_at_once_and_others_wait_for_their_turn(
    worker: BatchWorker, home: Home, submit: Callable[[], Batch], inline: Inline
) -> None:
    inline.is_open = False
    batches = [submit() for _ in range(MOST_AT_ONCE + 1)]
    deadline = time.monotonic() + 60
    while len(inline.begun) < MOST_AT_ONCE:
        assert not any(worker.work(arrival_of(one.input)) for one in batches)
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    assert not worker.work(arrival_of(batches[-1].input))
    assert batches[-1].batch not in inline.begun
    inline.is_open = True
    for one in batches:
        worked(worker, one.input)
    assert sorted(inline.begun) == sorted(one.batch for one in batches)


@pytest.mark.parametrize("error", [StorageError("the disk is full"), RuntimeError("a crash")])
def test_what_did_not_work_out_is_tried_again(
    worker: BatchWorker, home: Home, submit: Callable[[], Batch], inline: Inline, error: Exception
) -> None:
    inline.errors = [error]
    batch = submit()
    worked(worker, batch.input)
    assert state_of(home, batch.batch) == "succeeded"
    assert inline.begun == [batch.batch] * 2


def test_a_file_that_nobody_waits_for_is_left_alone_and_one_of_no_model_comes_again(
    worker: BatchWorker, home: Home
) -> None:
    assert worker.work(arrival_of(f"to-predict/{MODEL}/batches/{'0' * 32}/rows.csv"))
    assert not worker.work(arrival_of("to-predict/boats/rows.csv"))
    assert Batches(home.registry.storage, home.uploads).newest_first(MODEL).entries == []


def test_a_batch_that_was_cancelled_is_not_begun(
    worker: BatchWorker, home: Home, submit: Callable[[], Batch], inline: Inline
) -> None:
    batch = submit()
    BatchSubmissions(home.registry.storage, home.uploads).cancel(MODEL, batch.batch)
    assert worker.work(arrival_of(batch.input))
    assert inline.begun == []
    assert only_batch(home).plan is None


def test_a_retry_that_comes_before_the_end_of_the_attempt_is_noticed_is_not_lost(
    worker: BatchWorker, home: Home, submit: Callable[[], Batch], inline: Inline
) -> None:
    submissions = BatchSubmissions(home.registry.storage, home.uploads)
    batch = submit()
    assert not worker.work(arrival_of(batch.input))
    assert worker._running[batch.batch].result(timeout=60)
    batches = Batches(home.registry.storage, home.uploads)
    batches.change(
        MODEL, batch.batch, lambda one: replace(one, result=one.result and replace(one.result, state="partial"))
    )
    submissions.retry(MODEL, batch.batch)
    worked(worker, f"to-predict/{MODEL}/batches/{batch.batch}/_retry-2.json")
    assert state_of(home, batch.batch) == "succeeded"
    assert inline.begun == [batch.batch] * 2


@pytest.fixture
def looked_up(
    worker: BatchWorker, home: Home, definitions: Mapping[str, Definition], instances: Callable[[str], list[Row]]
) -> Batch:
    """A batch that succeeded and answers lookups."""
    rows = [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances(MODEL)[:5])]
    submissions = BatchSubmissions(home.registry.storage, home.uploads)
    batch = submissions.submit(definitions[MODEL], rows, BatchRequest(lookup=True))
    worked(worker, batch.input)
    return batch


def test_a_batch_whose_process_died_after_its_result_answers_lookups_after_the_next_start(
    home: Home, definitions: Mapping[str, Definition], looked_up: Batch
) -> None:
    home.registry.storage.delete(POINTER)
    assert BatchWorker(definitions, home).work(arrival_of(looked_up.input))
    found = answering_batch(home.registry.storage, MODEL)
    assert found is not None
    assert found.batch == looked_up.batch


def test_a_damaged_record_of_lookups_is_left_alone_and_holds_up_no_other_batch(
    home: Home,
    definitions: Mapping[str, Definition],
    looked_up: Batch,
    submit: Callable[[], Batch],
    caplog: pytest.LogCaptureFixture,
) -> None:
    home.registry.storage.write(POINTER, b"{")
    started = BatchWorker(definitions, home)
    assert started.work(arrival_of(looked_up.input))
    assert f"{looked_up.input} is left alone until the next start: {POINTER} cannot be read" in caplog.text
    other = submit()
    worked(started, other.input)
    assert state_of(home, other.batch) == "succeeded"


def test_a_disk_that_refuses_the_record_of_lookups_is_tried_again(
    home: Home, definitions: Mapping[str, Definition], looked_up: Batch, caplog: pytest.LogCaptureFixture
) -> None:
    pointer = home.root / "registry" / POINTER
    pointer.unlink()
    pointer.mkdir()
    started = BatchWorker(definitions, home)
    assert not started.work(arrival_of(looked_up.input))
    assert f"the batch of {looked_up.input} will be tried again: {pointer}" in caplog.text
    pointer.rmdir()
    assert started.work(arrival_of(looked_up.input))
    assert answering_batch(home.registry.storage, MODEL) is not None


def test_a_record_of_lookups_that_others_change_all_the_time_is_tried_again(
    home: Home, definitions: Mapping[str, Definition], looked_up: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.registry.storage.delete(POINTER)
    with monkeypatch.context() as lost:
        lost.setattr("functions.core.lookups.POINTER_ATTEMPTS", 0)
        assert not BatchWorker(definitions, home).work(arrival_of(looked_up.input))
    assert BatchWorker(definitions, home).work(arrival_of(looked_up.input))


def test_a_record_that_cannot_be_read_is_left_alone(
    worker: BatchWorker, home: Home, submit: Callable[[], Batch], inline: Inline, caplog: pytest.LogCaptureFixture
) -> None:
    batch = submit()
    home.registry.storage.write(f"models/{MODEL}/batches/{batch.batch}/manifest.json", b"{")
    assert worker.work(arrival_of(batch.input))
    assert inline.begun == []
    assert "is left alone until the next start" in caplog.text
