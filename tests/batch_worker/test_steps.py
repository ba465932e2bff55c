"""The steps of a batch over a folder, in any order and number that a queue and a state machine may call them."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.batch_worker.steps import LEFT_ALONE, NOT_PLANNED, BatchSteps
from functions.core.batch_keys import part_key
from functions.core.batch_record import Batch, ShardResult
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import BatchSchedule, Definition
from functions.core.errors import Fault, InvalidInputError, ObjectNotFoundError
from functions.core.local_storage import LocalStorage
from functions.core.lookups import answering_batch
from functions.core.manifest import Manifest
from functions.core.model_folder import load_definition
from functions.core.model_removal import ModelRemoval
from functions.core.registry import Registry
from functions.core.uploads import Arrival
from functions.serving.version import LoadedVersion
from model_export.batch_files.stages import BatchStages
from tests.predictions_in_memory import PredictionsInMemory

CHURN = Path(__file__).resolve().parents[2] / "models" / "churn"
SAMPLE = (CHURN / "sample.csv").read_bytes()
ROWS = 200
TABLE = b"".join(SAMPLE.splitlines(keepends=True)[: ROWS + 1])
Publish = Callable[..., Manifest]


@dataclass
class Started:
    """A runner that notes what it was asked to run."""

    attempts: list[tuple[str, int]] = field(default_factory=list)

    def run(self, batch: Batch) -> None:
        self.attempts.append((batch.batch, batch.attempt))


@dataclass
class Service:
    """The steps, with all that they work on."""

    registry: Registry
    files: LocalStorage
    definition: Definition
    store: PredictionsInMemory = field(default_factory=PredictionsInMemory)
    runner: Started = field(default_factory=Started)
    done: list[ShardResult] = field(default_factory=list)

    ended: list[Batch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = self.another_function()
        self.batches = Batches(self.registry.storage, self.files)
        self.submissions = BatchSubmissions(self.registry.storage, self.files)

    def another_function(self) -> BatchSteps:
        return BatchSteps(
            {self.definition.name: self.definition},
            self.registry,
            self.files,
            store=self.store,
            runner=self.runner,
            on_shard=lambda batch, result: self.done.append(result),
            on_end=self.ended.append,
        )

    def sent(self, body: bytes = TABLE, name: str = "rows.csv", request: BatchRequest | None = None) -> Batch:
        """A batch whose file arrived."""
        batch = self.submissions.await_file(self.definition, name, request or BatchRequest())
        self.files.write(batch.input, body)
        return batch

    def planned(self, body: bytes = TABLE) -> Batch:
        batch = self.sent(body)
        assert "shards" in self.steps.plan(batch.model, batch.batch)
        return self.now(batch)

    def now(self, batch: Batch) -> Batch:
        return self.batches.read(batch.model, batch.batch)

    def run(self, batch: Batch, *, but: tuple[int, ...] = ()) -> str:
        """The state after a run of the state machine, in which some shards are lost."""
        planned = self.steps.plan(batch.model, batch.batch)
        if "shards" in planned:
            for shard in self.batches.shards(self.now(batch)):
                if shard.number not in but:
                    assert self.steps.shard(batch.model, batch.batch, shard) == {}
        return str(self.steps.finish(batch.model, batch.batch)["state"])

    def lines(self, batch: Batch) -> Iterator[dict[str, Any]]:
        result = self.now(batch).result
        assert result is not None
        for key in result.parts:
            yield from map(orjson.loads, gzip.decompress(self.files.read(key).body).splitlines())


@pytest.fixture
def service(tmp_path: Path, publish: Publish) -> Service:
    registry = Registry(LocalStorage(tmp_path / "registry"))
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    return Service(registry, LocalStorage(tmp_path / "files"), load_definition(CHURN))


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_BYTES", len(TABLE) // 5)


def arrival(key: str, identity: str = "1") -> Arrival:
    return Arrival(key, identity, "2026-01-31T10:05:21.437000Z")


def test_the_file_that_a_batch_waits_for_starts_it(service: Service) -> None:
    batch = service.sent()
    service.steps.start(arrival(batch.input))
    assert service.runner.attempts == [(batch.batch, 1)]


def test_a_dropped_file_makes_one_batch_however_many_notices_there_are(service: Service) -> None:
    service.files.write("to-predict/churn/rows.csv", TABLE)
    for _ in range(3):
        service.steps.start(arrival("to-predict/churn/rows.csv"))
    (batch,) = service.batches.newest_first("churn").entries
    assert service.runner.attempts == [(batch.batch, 1)] * 3  # which the runner takes for one
    assert (batch.input, batch.actor) == ("to-predict/churn/rows.csv", "upload")
    assert service.run(batch) == "succeeded"
    service.steps.start(arrival("to-predict/churn/rows.csv"))
    assert len(service.runner.attempts) == 3  # late, after the end


@pytest.mark.parametrize(
    "key",
    [
        "to-predict/no-such-model/rows.csv",
        "to-predict/churn/batches/0123456789abcdef0123456789abcdef/rows.csv",
        "to-predict/churn/",
        "elsewhere/rows.csv",
    ],
)
def test_a_file_that_no_batch_waits_for_starts_nothing(service: Service, key: str) -> None:
    service.steps.start(arrival(key))
    assert service.runner.attempts == []
    assert service.batches.newest_first("churn").total == 0


def test_a_whole_run_predicts_every_row_and_answers_lookups(service: Service, small_shards: None) -> None:
    batch = service.sent()
    assert service.run(batch) == "succeeded"
    result = service.now(batch).result
    assert result is not None
    assert (result.done, result.refused) == (ROWS, 0)
    lines = list(service.lines(batch))
    assert [one["line"] for one in lines] == list(range(2, ROWS + 2))
    assert len(service.done) > 3
    assert sum(one.done for one in service.done) == ROWS
    answering = answering_batch(service.registry.storage, "churn")
    assert answering is not None
    assert answering.batch == batch.batch
    (found,) = service.store.read("churn", batch.batch, [str(lines[0]["id"])]).values()
    assert found.prediction == lines[0]["prediction"]


def test_a_lost_shard_makes_a_partial_batch_and_a_retry_runs_that_shard_alone(
    service: Service, small_shards: None
) -> None:
    batch = service.sent()
    assert service.run(batch, but=(2,)) == "partial"
    assert answering_batch(service.registry.storage, "churn") is None
    before = {one.number for one in service.done}
    service.submissions.retry("churn", batch.batch)
    service.steps.start(arrival(f"to-predict/churn/batches/{batch.batch}/_retry-2.json"))
    assert service.runner.attempts == [(batch.batch, 2)]
    assert service.run(batch) == "succeeded"
    assert {one.number for one in service.done} - before == {2}
    assert len(service.done) == len(before) + 1
    assert [one["line"] for one in service.lines(batch)] == list(range(2, ROWS + 2))


def test_every_step_may_come_twice(service: Service, small_shards: None) -> None:
    batch = service.planned()
    plan = service.now(batch).plan
    assert service.steps.plan("churn", batch.batch)["shards"]
    assert service.now(batch).plan == plan
    first, *_ = service.batches.shards(service.now(batch))
    for _ in range(2):
        service.steps.shard("churn", batch.batch, first)
    assert [one.number for one in service.done] == [first.number]
    service.run(batch)
    result = service.now(batch).result
    assert service.steps.finish("churn", batch.batch)["state"] == "succeeded"
    assert service.now(batch).result == result
    assert "shards" not in service.steps.plan("churn", batch.batch)


def test_a_promotion_meanwhile_changes_nothing(service: Service, publish: Publish, small_shards: None) -> None:
    batch = service.planned()
    publish(service.registry, leave=0.75)
    service.registry.promote_now("churn", 2, actor="ana", pinned=False)
    first, *others = service.batches.shards(service.now(batch))
    service.steps.shard("churn", batch.batch, first)
    for shard in others:  # by a function that starts only now
        service.another_function().shard("churn", batch.batch, shard)
    service.steps.finish("churn", batch.batch)
    predictions = [one["prediction"] for one in service.lines(batch)]
    assert [one["scores"]["yes"] for one in predictions] == [0.25] * ROWS


def test_a_version_stays_in_memory_for_the_next_shard_and_only_one_does(
    service: Service, publish: Publish, small_shards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[int] = []
    load = LoadedVersion.load

    def counted(registry: Registry, model: str, version: int) -> LoadedVersion:
        loaded.append(version)
        return load(registry, model, version)

    one = service.planned()
    publish(service.registry)
    service.registry.promote_now("churn", 2, actor="ana", pinned=False)
    two = service.planned(TABLE + b"\n")
    monkeypatch.setattr(LoadedVersion, "load", counted)
    for batch in (one, two, one):
        for shard in service.batches.shards(service.now(batch)):
            service.files.delete(f"batches/churn/{batch.batch}/done/{shard.number:05}.json")
            service.steps.shard("churn", batch.batch, shard)
    assert loaded == [1, 2, 1]


def test_a_model_removed_and_made_again_is_predicted_by_its_new_version_of_the_same_number(
    service: Service, publish: Publish
) -> None:
    service.run(service.sent())
    ModelRemoval(service.registry, service.files, "churn").remove()
    publish(service.registry, leave=0.75)
    service.registry.promote_now("churn", 1, actor="ana", pinned=False)
    again = service.sent()
    assert service.run(again) == "succeeded"
    assert {one["prediction"]["scores"]["yes"] for one in service.lines(again)} == {0.75}


def test_a_cancelled_batch_stops_and_keeps_what_is_done(service: Service, small_shards: None) -> None:
    batch = service.planned()
    first, *others = service.batches.shards(batch)
    service.steps.shard("churn", batch.batch, first)
    service.submissions.cancel("churn", batch.batch)
    for shard in others:
        assert service.steps.shard("churn", batch.batch, shard) == {}
    assert [one.number for one in service.done] == [first.number]
    assert service.steps.finish("churn", batch.batch)["state"] == "cancelled"
    result = service.now(batch).result
    assert result is not None
    assert result.parts == (part_key(batch, first.number),)


def test_a_batch_that_is_cancelled_before_its_plan_does_nothing(service: Service) -> None:
    batch = service.sent()
    service.submissions.cancel("churn", batch.batch)
    assert service.run(batch) == "cancelled"
    ended = service.now(batch)
    assert (ended.plan, ended.is_finished) == (None, True)
    assert service.ended == [ended]
    assert service.run(batch) == "cancelled"
    assert service.ended == [ended]
    service.submissions.retry("churn", batch.batch)
    assert service.run(batch) == "succeeded"


def test_a_batch_that_is_cancelled_before_its_file_is_noticed_ends_once_and_starts_nothing(service: Service) -> None:
    batch = service.sent()
    service.submissions.cancel("churn", batch.batch)
    for _ in range(2):
        service.steps.start(arrival(batch.input))
    ended = service.now(batch)
    assert ended.result is not None
    assert (ended.result.state, ended.result.done) == ("cancelled", 0)
    assert service.ended == [ended]
    assert service.runner.attempts == []
    service.submissions.retry("churn", batch.batch)
    service.steps.start(arrival(f"to-predict/churn/batches/{batch.batch}/_retry-2.json"))
    assert service.runner.attempts == [(batch.batch, 2)]


def test_a_file_that_cannot_be_predicted_is_refused_with_its_faults(service: Service) -> None:
    batch = service.sent(request=BatchRequest(id="contract_number"))
    assert service.run(batch) == "failed"
    record = service.now(batch)
    assert record.result is not None
    assert str(record.result.reason).startswith("the file was refused")
    assert [one["loc"] for one in record.faults] == [["file", "contract_number"]]


def test_a_file_that_is_not_plain_is_to_be_converted_and_planned_once_more(service: Service) -> None:
    batch = service.sent(gzip.compress(TABLE), "rows.csv.gz")
    assert service.steps.plan("churn", batch.batch) == {
        "model": "churn",
        "batch": batch.batch,
        "attempt": None,
        "convert": True,
    }
    stages = BatchStages(service.batches, service.registry, service.files)
    stages.convert(service.now(batch), service.definition)
    assert service.run(batch) == "succeeded"
    assert [one["line"] for one in service.lines(batch)] == list(range(2, ROWS + 2))


@pytest.mark.parametrize("request_", [BatchRequest(output="parquet"), BatchRequest(measure=True)])
def test_parquet_and_metrics_are_made_of_all_results_before_the_end(service: Service, request_: BatchRequest) -> None:
    batch = service.sent(request=request_)
    planned = service.steps.plan("churn", batch.batch)
    if "convert" in planned:
        BatchStages(service.batches, service.registry, service.files).convert(service.now(batch), service.definition)
        planned = service.steps.plan("churn", batch.batch)
    assert planned["complete"] is True


def test_without_a_version_a_batch_fails_with_that_reason(tmp_path: Path) -> None:
    service = Service(Registry(LocalStorage(tmp_path / "r")), LocalStorage(tmp_path / "f"), load_definition(CHURN))
    batch = service.sent()
    assert service.run(batch) == "failed"
    result = service.now(batch).result
    assert result is not None
    assert result.reason == "churn has no version in production yet"


def test_a_batch_whose_planning_died_ends_with_that_reason(service: Service) -> None:
    batch = service.sent()
    assert service.steps.finish("churn", batch.batch)["state"] == "failed"
    result = service.now(batch).result
    assert result is not None
    assert result.reason == NOT_PLANNED


def test_a_batch_of_a_model_that_is_not_in_this_image_fails(service: Service) -> None:
    batch = service.sent()
    service.steps = BatchSteps({}, service.registry, service.files, store=service.store, runner=service.runner)
    assert service.run(batch) == "failed"
    result = service.now(batch).result
    assert result is not None
    assert result.reason == "no model 'churn'"


def test_a_scheduled_time_makes_a_batch_of_the_file_and_two_notices_make_one(service: Service) -> None:
    service.definition = replace(service.definition, batch=BatchSchedule("cron(0 3 * * ? *)", "all.csv"))
    service.steps = service.another_function()
    with pytest.raises(ObjectNotFoundError):
        service.steps.schedule("churn", "2026-11-29T03:00:00Z")
    service.files.write("scheduled/churn/all.csv", TABLE)
    made = [service.steps.schedule("churn", "2026-11-29T03:00:00Z") for _ in range(2)]
    assert made[0] == made[1]
    assert service.run(service.batches.read("churn", made[0]["batch"])) == "succeeded"


def test_a_schedule_of_an_older_deployment_makes_nothing(service: Service) -> None:
    assert service.steps.schedule("churn", "2026-11-29T03:00:00Z") == {"state": LEFT_ALONE}


def test_a_batch_that_was_removed_meanwhile_ends_quietly(service: Service) -> None:
    batch = service.planned()
    (shard, *_) = service.batches.shards(batch)
    service.registry.storage.delete(f"models/churn/batches/{batch.batch}/manifest.json")
    assert service.steps.plan("churn", batch.batch) == {"model": "churn", "batch": batch.batch, "attempt": None}
    assert service.steps.shard("churn", batch.batch, shard) == {}
    assert service.steps.finish("churn", batch.batch)["state"] == LEFT_ALONE
    assert service.done == []


def test_a_late_step_of_an_older_attempt_changes_nothing_of_the_result(service: Service) -> None:
    batch = service.planned()
    (shard, *_) = service.batches.shards(batch)
    assert service.run(batch) == "succeeded"
    service.files.delete(f"batches/churn/{batch.batch}/done/{shard.number:05}.json")
    service.steps.shard("churn", batch.batch, replace(shard, end=shard.end))
    assert len(service.done) == 1


def test_an_execution_of_an_attempt_that_was_cancelled_does_not_end_the_one_after_it(
    service: Service, small_shards: None
) -> None:
    batch = service.planned()
    first, second, *others = service.batches.shards(batch)
    service.steps.shard("churn", batch.batch, first, 1)
    service.submissions.cancel("churn", batch.batch)
    assert service.steps.finish("churn", batch.batch, 1)["state"] == "cancelled"
    service.submissions.retry("churn", batch.batch)
    # the first execution has a shard in flight, and goes on to its end
    service.steps.shard("churn", batch.batch, second, 1)
    assert service.steps.finish("churn", batch.batch, 1) == {
        "model": "churn",
        "batch": batch.batch,
        "attempt": 1,
        "state": LEFT_ALONE,
    }
    assert "shards" not in service.steps.plan("churn", batch.batch, 1)
    assert not service.now(batch).is_finished
    assert "shards" in service.steps.plan("churn", batch.batch, 2)
    for shard in (second, *others):
        service.steps.shard("churn", batch.batch, shard, 2)
    assert [one.number for one in service.done] == [one.number for one in (first, second, *others)]
    assert service.steps.finish("churn", batch.batch, 2)["state"] == "succeeded"


def test_a_file_that_is_written_again_during_its_batch_ends_it(service: Service, small_shards: None) -> None:
    batch = service.planned()
    first, second, *_ = service.batches.shards(batch)
    service.steps.shard("churn", batch.batch, first, 1)
    service.files.write(batch.input, TABLE.replace(b"Male", b"Female"))
    assert service.steps.shard("churn", batch.batch, second, 1) == {}
    assert service.steps.finish("churn", batch.batch, 1)["state"] == "failed"
    assert [one["type"] for one in service.now(batch).faults] == ["changed"]


def test_a_prediction_that_the_store_cannot_have_ends_its_batch_with_that_reason(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = service.planned()

    def refuse(model: str, batch: str, predictions: object) -> None:
        raise InvalidInputError([Fault(("line", 3), "its prediction takes 500000 bytes", "too_large")])

    monkeypatch.setattr(service.store, "write", refuse)
    assert service.run(batch) == "failed"
    assert [one["loc"] for one in service.now(batch).faults] == [["line", 3]]


def test_a_retry_whose_version_was_removed_keeps_what_there_is_and_says_so(
    service: Service, small_shards: None
) -> None:
    batch = service.planned()
    shards = len(service.batches.shards(batch))
    assert service.run(batch, but=(2,)) == "partial"
    service.submissions.retry("churn", batch.batch)
    service.registry.storage.delete("models/churn/versions/1/manifest.json")
    service.steps = service.another_function()
    assert service.run(batch) == "partial"
    result = service.now(batch).result
    assert result is not None
    assert (result.reason, len(result.parts)) == ("no version 1; list the versions of churn", shards - 1)
