"""Batches from requests and arrivals: one record for each, written before its file, and run again where it can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.batch_record import Batch, BatchResult, BatchState, Plan, ShardResult
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import Definition, FileSettings
from functions.core.errors import MAX_FAULTS, ConflictError, InvalidInputError, NotFoundError
from functions.core.schema import Feature, Schema
from functions.core.uploads import Arrival, UploadKey
from tests.core.test_submission import RecordingStorage

MODEL = "rent"
MOMENT = "2026-01-31T12:00:00.000000Z"
DEFINITION = Definition(
    name=MODEL,
    task="tabular-regression",
    description="",
    schema=Schema((Feature("rooms", "integer"),), Feature("price", "number"), id="flat"),
    folder=Path("models/rent"),
    digest="d" * 64,
)
WITHOUT_ID = replace(DEFINITION, schema=replace(DEFINITION.schema, id=None))
INSTANCES = [{"rooms": 2, "flat": "a"}, {"rooms": 3, "flat": "b"}]


class Desk:
    """Submissions over two folders, with the keys that were written in order."""

    def __init__(self, root: Path) -> None:
        self.writes: list[str] = []
        self.records = RecordingStorage(root / "registry", self.writes)
        self.files = RecordingStorage(root / "home", self.writes)
        self.submissions = BatchSubmissions(self.records, self.files)
        self.batches = Batches(self.records, self.files)

    def submit(self, **options: object) -> Batch:
        return self.submissions.submit(DEFINITION, INSTANCES, BatchRequest(**options))  # type: ignore[arg-type]

    def planned(self, batch: Batch, shards: int = 2) -> Batch:
        plan = Plan(1, MOMENT, batch.input, "jsonl", (), 0, 1, FileSettings(), 1000, rows=2, shards=shards)
        return self.batches.change(MODEL, batch.batch, lambda one: replace(one, plan=plan))

    def ended(self, batch: Batch, state: BatchState) -> Batch:
        result = BatchResult(state, MOMENT, done=1, refused=0, seconds=1.0)
        return self.batches.change(MODEL, batch.batch, lambda one: replace(one, result=result))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_record_is_written_before_the_file(desk: Desk) -> None:
    batch = desk.submit()
    record = f"models/{MODEL}/batches/{batch.batch}/manifest.json"
    assert desk.writes.index(record) < desk.writes.index(batch.input) == len(desk.writes) - 1
    assert desk.files.read(batch.input).body == b'{"rooms":2,"flat":"a"}\n{"rooms":3,"flat":"b"}\n'
    assert UploadKey.parse(batch.input) == UploadKey("to-predict", MODEL, batch.batch)


def test_the_defaults_are_the_id_of_the_model_and_lookups_of_files_alone(desk: Desk) -> None:
    instances = desk.submit()
    file = desk.submissions.await_file(DEFINITION, "rows.csv", BatchRequest())
    nameless = desk.submissions.await_file(WITHOUT_ID, "rows.csv", BatchRequest())
    assert [(one.id, one.lookup) for one in (instances, file, nameless)] == [
        ("flat", False),
        ("flat", True),
        (None, False),
    ]
    other = desk.submissions.await_file(WITHOUT_ID, "rows.csv", BatchRequest(id="key"))
    assert (other.id, other.lookup) == ("key", True)


def test_lookups_without_an_id_are_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInputError, match="the model has no id"):
        desk.submissions.submit(WITHOUT_ID, INSTANCES, BatchRequest(lookup=True))
    assert desk.writes == []


def test_instances_that_are_nested_too_deeply_are_refused_with_their_places(desk: Desk) -> None:
    deep: Any = orjson.loads(b'{"rooms":' + b"[" * 300 + b"]" * 300 + b"}")
    with pytest.raises(InvalidInputError, match="more than 250 levels") as caught:
        desk.submissions.submit(DEFINITION, [deep, {"rooms": 2}, deep], BatchRequest())
    places = [("body", "instances", row) for row in (0, 2)]
    assert [(fault.loc, fault.type) for fault in caught.value.faults] == [(place, "too_deep") for place in places]
    assert desk.writes == []
    with pytest.raises(InvalidInputError) as caught:
        desk.submissions.submit(DEFINITION, [deep] * (MAX_FAULTS + 1), BatchRequest())
    assert len(caught.value.faults) == MAX_FAULTS


def test_equal_requests_are_one_batch_only_by_their_key(desk: Desk) -> None:
    assert desk.submit().batch != desk.submit().batch
    first, again = (desk.submit(idempotency_key="one") for _ in range(2))
    assert first == again
    with pytest.raises(InvalidInputError, match="use a new key"):
        desk.submit(idempotency_key="one", output="csv")


def test_a_request_that_died_before_its_file_was_written_is_ended_by_the_next_one(desk: Desk) -> None:
    batch = desk.submit(idempotency_key="one")
    desk.files.delete(batch.input)
    desk.submit(idempotency_key="one")
    assert desk.files.keys("to-predict") == [batch.input]
    desk.planned(batch)
    desk.files.delete(batch.input)
    desk.submit(idempotency_key="one")
    assert desk.files.keys("to-predict") == []


def test_every_notice_of_a_dropped_file_is_the_same_batch(desk: Desk) -> None:
    arrival = Arrival(f"to-predict/{MODEL}/rows.csv", "identity", MOMENT)
    first, again = (desk.submissions.of_arrival(DEFINITION, arrival) for _ in range(2))
    assert first is not None
    assert first == again
    assert (first.input, first.actor, first.lookup) == (arrival.key, "upload", True)
    exchanged = desk.submissions.of_arrival(DEFINITION, replace(arrival, identity="other"))
    assert exchanged is not None
    assert exchanged.batch != first.batch


def test_an_arrival_leads_to_the_batch_that_waits_for_it_and_to_no_other(desk: Desk) -> None:
    batch = desk.submissions.await_file(DEFINITION, "rows.csv", BatchRequest())
    assert desk.submissions.of_arrival(DEFINITION, Arrival(batch.input, "x", MOMENT)) == batch
    other = batch.input.replace("rows.csv", "other.csv")
    assert desk.submissions.of_arrival(DEFINITION, Arrival(other, "x", MOMENT)) is None
    unknown = batch.input.replace(batch.batch, "0" * 32)
    assert desk.submissions.of_arrival(DEFINITION, Arrival(unknown, "x", MOMENT)) is None


@pytest.mark.parametrize("state", ["partial", "failed", "cancelled"])
def test_a_retry_keeps_the_plan_and_its_file_starts_the_batch(desk: Desk, state: BatchState) -> None:
    batch = desk.ended(desk.planned(desk.submit()), state)
    desk.batches.write_marker(batch, ShardResult(1, 1, 0, 1.0))
    begun = desk.submissions.retry(MODEL, batch.batch)
    assert (begun.plan, begun.attempt, begun.result, begun.cancelled) == (batch.plan, 2, None, None)
    assert begun.retried is not None
    assert begun.retried.shards == 1
    notice = desk.writes[-1]
    assert notice == f"to-predict/{MODEL}/batches/{batch.batch}/_retry-2.json"
    assert desk.submissions.of_arrival(DEFINITION, Arrival(notice, "x", MOMENT)) == begun


def test_what_goes_on_or_has_everything_is_not_retried(desk: Desk) -> None:
    batch = desk.planned(desk.submit())
    with pytest.raises(ConflictError, match="goes on"):
        desk.submissions.retry(MODEL, batch.batch)
    desk.ended(batch, "succeeded")
    with pytest.raises(ConflictError, match="nothing to retry"):
        desk.submissions.retry(MODEL, batch.batch)
    with pytest.raises(NotFoundError):
        desk.submissions.retry(MODEL, "0" * 32)


def test_a_retry_that_died_before_its_notice_is_ended_by_the_next_one(desk: Desk) -> None:
    batch = desk.ended(desk.planned(desk.submit()), "partial")
    begun = desk.submissions.retry(MODEL, batch.batch)
    with pytest.raises(ConflictError, match="goes on"):
        desk.submissions.retry(MODEL, batch.batch)
    notice = desk.writes[-1]
    desk.files.delete(notice)
    assert desk.submissions.retry(MODEL, batch.batch) == begun
    assert desk.writes[-1] == notice


def test_a_notice_of_an_attempt_before_starts_nothing(desk: Desk) -> None:
    batch = desk.ended(desk.planned(desk.submit()), "partial")
    desk.submissions.retry(MODEL, batch.batch)
    first = Arrival(desk.writes[-1], "x", MOMENT)
    desk.ended(batch, "partial")
    desk.submissions.retry(MODEL, batch.batch)
    assert desk.submissions.of_arrival(DEFINITION, first) is None


def test_a_batch_is_cancelled_once_and_not_after_its_end(desk: Desk) -> None:
    batch = desk.submit()
    cancelled = desk.submissions.cancel(MODEL, batch.batch)
    assert cancelled.cancelled is not None
    assert cancelled.is_finished
    assert desk.submissions.cancel(MODEL, batch.batch) == cancelled
    other = desk.ended(desk.planned(desk.submit()), "succeeded")
    with pytest.raises(ConflictError, match="has ended as succeeded"):
        desk.submissions.cancel(MODEL, other.batch)


def test_a_planned_batch_that_is_cancelled_has_not_ended_yet(desk: Desk) -> None:
    batch = desk.planned(desk.submit())
    assert not desk.submissions.cancel(MODEL, batch.batch).is_finished
    with pytest.raises(ConflictError, match="is ending"):
        desk.submissions.retry(MODEL, batch.batch)
