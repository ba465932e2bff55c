"""Removal by retention: what is needed stays, and what is not goes in two steps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core import jobs as jobs_module
from functions.core import pruning as pruning_module
from functions.core import registry as registry_module
from functions.core import retirement as retirement_module
from functions.core import training_data
from functions.core.clock import stamp
from functions.core.definition import Retention
from functions.core.errors import ConflictError, NotFoundError
from functions.core.jobs import Job, Jobs
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest, TrainingData
from functions.core.pruning import WAITING_SECONDS, Pruned, Pruning, retentions
from functions.core.registry import Registry
from functions.core.retirement import RETIRED_SECONDS
from functions.core.row_ids import RowIds, store_ids
from functions.core.storage import Storage

Publish = Callable[..., Manifest]
DAY = 86_400
NEWEST_TWO = Retention(versions=2, production_days=30)


class Clock:
    """The present time of every module that asks for it, moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self, *, plus_seconds: float = 0) -> str:
        return stamp(self.moment + timedelta(seconds=plus_seconds))

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (jobs_module, pruning_module, registry_module, retirement_module):
        monkeypatch.setattr(module, "now", clock)
    return clock


@pytest.fixture
def registry(storage: Storage) -> Registry:
    return Registry(storage)


@pytest.fixture
def uploads(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "home")


def prune(registry: Registry, retention: Retention, uploads: Storage | None = None) -> list[tuple[str, str]]:
    """Run once; returns the step and the key of everything that was done."""
    pruning = Pruning(registry, uploads, {"churn": retention})
    plan = pruning.plan()
    pruning.carry_out(plan)
    return [(one.step, one.key) for one in plan]


def serve(registry: Registry, version: int) -> None:
    registry.promote_now("churn", version, actor="ana", pinned=False)


def a_job(clock: Clock, name: str, **changes: Any) -> Job:
    job = Job(
        job=name * 32,
        model="churn",
        upload=f"uploads/churn/jobs/{name * 32}/rows.csv",
        mode="replace",
        force=False,
        actor="test",
        data_time=clock(),
        fingerprint=name,
        created=clock(),
        updated=clock(),
    )
    return replace(job, **changes)


class TestVersions:
    def test_old_versions_go_in_two_runs(self, registry: Registry, publish: Publish, clock: Clock) -> None:
        for _ in range(4):
            publish(registry)
        serve(registry, 4)
        assert prune(registry, NEWEST_TWO) == [
            ("retire", "models/churn/versions/1"),
            ("retire", "models/churn/versions/2"),
        ]
        assert registry.versions("churn") == [1, 2, 3, 4]
        clock.wait(RETIRED_SECONDS)
        assert prune(registry, NEWEST_TWO) == []
        clock.wait(1)
        assert prune(registry, NEWEST_TWO) == [
            ("remove", "models/churn/versions/1"),
            ("remove", "models/churn/versions/2"),
        ]
        assert registry.versions("churn") == [3, 4]
        assert registry.storage.children("models/churn/versions") == ["3", "4"]
        assert prune(registry, NEWEST_TWO) == []

    def test_a_version_whose_removal_was_interrupted_is_in_no_list(
        self, registry: Registry, publish: Publish, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(4):
            publish(registry)
        prune(registry, NEWEST_TWO)
        clock.wait(RETIRED_SECONDS + 1)
        delete = registry.storage.delete

        def die_after_the_manifest(key: str) -> None:
            delete(key)
            if key.endswith("/manifest.json"):
                raise KeyboardInterrupt

        monkeypatch.setattr(registry.storage, "delete", die_after_the_manifest)
        with pytest.raises(KeyboardInterrupt):
            prune(registry, NEWEST_TWO)
        assert registry.versions("churn") == [2, 3, 4]
        assert registry.newest_versions("churn", 0, 50).total == 3

    def test_without_a_number_of_versions_all_are_kept(self, registry: Registry, publish: Publish) -> None:
        for _ in range(4):
            publish(registry)
        assert prune(registry, Retention(job_days=1, data_days=1)) == []

    def test_numbers_are_never_given_twice(self, registry: Registry, publish: Publish, clock: Clock) -> None:
        for _ in range(3):
            publish(registry)
        for _ in range(2):
            prune(registry, Retention(versions=1))
            clock.wait(DAY)
        assert registry.versions("churn") == [3]
        assert publish(registry).version == 4

    def test_a_claim_that_nobody_published_is_left_alone(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        publish(registry)
        registry.claim("churn")
        publish(registry)
        for _ in range(2):
            prune(registry, Retention(versions=1))
            clock.wait(DAY)
        assert registry.storage.children("models/churn/versions") == ["2", "3"]

    def test_production_its_predecessor_and_a_pin_are_kept(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        for _ in range(6):
            publish(registry)
        for version in (1, 2):
            serve(registry, version)
        registry.promote_now("churn", 3, actor="ana", pinned=True)
        clock.wait(400 * DAY)
        assert prune(registry, NEWEST_TWO) == [
            ("retire", "models/churn/versions/1"),
            ("retire", "models/churn/versions/4"),
        ]

    def test_a_version_that_was_in_production_is_kept_for_its_days(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        for _ in range(5):
            publish(registry)
        serve(registry, 1)
        clock.wait(100 * DAY)  # the time in production counts, not the time of the promotion
        serve(registry, 4)
        serve(registry, 5)
        clock.wait(30 * DAY)
        assert ("retire", "models/churn/versions/1") not in prune(registry, NEWEST_TWO)
        clock.wait(1)
        assert prune(registry, NEWEST_TWO) == [("retire", "models/churn/versions/1")]

    def test_a_version_that_an_unfinished_job_claimed_is_kept(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        for _ in range(4):
            publish(registry)
        Jobs(registry.storage).create(a_job(clock, "a", claimed=1, state="running"))
        Jobs(registry.storage).create(a_job(clock, "b", claimed=2, state="succeeded"))
        assert prune(registry, NEWEST_TWO) == [("retire", "models/churn/versions/2")]

    def test_a_retired_version_is_not_promoted(self, registry: Registry, publish: Publish) -> None:
        for _ in range(3):
            publish(registry)
        prune(registry, NEWEST_TWO)
        with pytest.raises(ConflictError, match="version 1 is retired"):
            serve(registry, 1)
        assert registry.pointer("churn").production is None

    def test_a_retention_that_keeps_more_takes_marks_back(self, registry: Registry, publish: Publish) -> None:
        for _ in range(3):
            publish(registry)
        prune(registry, NEWEST_TWO)
        assert prune(registry, Retention(versions=3)) == [("keep", "models/churn/versions/1")]
        serve(registry, 1)
        assert registry.storage.children("models/churn/versions") == ["1", "2", "3"]

    def test_a_promotion_that_passed_the_mark_is_not_undone(
        self, registry: Registry, publish: Publish, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The promotion looked before the mark was written, and moves the pointer after it."""
        for _ in range(3):
            publish(registry)
        monkeypatch.setattr(registry_module, "retired_since", lambda storage, key: None)
        prune(registry, NEWEST_TWO)
        serve(registry, 1)
        clock.wait(DAY)
        assert prune(registry, NEWEST_TWO) == [("keep", "models/churn/versions/1")]
        assert registry.production_manifest("churn") is not None

    @pytest.mark.parametrize("deletes", range(1, 5))
    def test_a_removal_that_dies_is_ended_by_the_next_run(
        self, registry: Registry, publish: Publish, clock: Clock, deletes: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        publish(registry)
        publish(registry)
        prune(registry, Retention(versions=1))
        clock.wait(DAY)
        delete, left = registry.storage.delete, iter(range(deletes))

        def dying(key: str) -> None:
            delete(key)
            if next(left, None) is None:
                raise KeyboardInterrupt

        monkeypatch.setattr(registry.storage, "delete", dying)
        with pytest.raises(KeyboardInterrupt):
            prune(registry, Retention(versions=1))
        assert registry.versions("churn") == [2]
        with pytest.raises(NotFoundError):
            registry.manifest("churn", 1)
        monkeypatch.setattr(registry.storage, "delete", delete)
        prune(registry, Retention(versions=1))
        assert registry.storage.children("models/churn/versions") == ["2"]

    def test_two_runs_at_once_do_what_one_does(self, registry: Registry, publish: Publish, clock: Clock) -> None:
        for _ in range(6):
            publish(registry)
        prune(registry, NEWEST_TWO)
        clock.wait(DAY)
        threads = [threading.Thread(target=prune, args=(registry, NEWEST_TWO)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert registry.storage.children("models/churn/versions") == ["5", "6"]


class TestJobs:
    def test_finished_jobs_go_with_their_files(self, registry: Registry, uploads: LocalStorage, clock: Clock) -> None:
        jobs = Jobs(registry.storage)
        for name, state in zip("abcd", ("succeeded", "refused", "superseded", "failed"), strict=True):
            job = a_job(clock, name, state=state)
            jobs.create(job)
            uploads.write(job.upload, b"rows")
        assert prune(registry, Retention(job_days=10), uploads) == []
        clock.wait(10 * DAY + 1)
        done = prune(registry, Retention(job_days=10), uploads)
        assert done == [("remove", f"models/churn/jobs/{name * 32}.json") for name in "abcd"]
        assert registry.storage.keys("models/churn") == []
        assert jobs.newest_first("churn").entries == []
        assert uploads.children("uploads/churn/jobs") == []

    @pytest.mark.parametrize("state", ["queued", "running"])
    def test_an_unfinished_job_stays_however_old(
        self, registry: Registry, uploads: LocalStorage, clock: Clock, state: Any
    ) -> None:
        Jobs(registry.storage).create(a_job(clock, "a", state=state, lease_until="2100-01-01"))
        clock.wait(1000 * DAY)
        assert prune(registry, Retention(job_days=1), uploads) == []

    def test_a_waiting_job_goes_after_its_form_expired(
        self, registry: Registry, uploads: LocalStorage, clock: Clock
    ) -> None:
        Jobs(registry.storage).create(a_job(clock, "a", state="waiting"))
        clock.wait(WAITING_SECONDS)
        assert prune(registry, Retention(job_days=100), uploads) == []
        clock.wait(1)
        assert len(prune(registry, Retention(job_days=100), uploads)) == 1
        assert Jobs(registry.storage).newest_first("churn").entries == []

    def test_the_job_of_a_dropped_file_stays_while_the_file_does(
        self, registry: Registry, uploads: LocalStorage, clock: Clock
    ) -> None:
        """The watcher of a laptop would take the file for a new one, and train on it again."""
        job = a_job(clock, "a", state="succeeded", upload="uploads/churn/rows.csv")
        Jobs(registry.storage).create(job)
        uploads.write(job.upload, b"rows")
        clock.wait(100 * DAY)
        assert prune(registry, Retention(job_days=10), uploads) == []
        assert prune(registry, Retention(job_days=10), None) == []
        uploads.delete(job.upload)
        assert len(prune(registry, Retention(job_days=10), uploads)) == 1

    def test_a_failed_job_that_a_request_starts_again_is_not_removed(
        self, registry: Registry, uploads: LocalStorage, clock: Clock
    ) -> None:
        jobs = Jobs(registry.storage)
        job = a_job(clock, "a", state="failed")
        jobs.create(job)
        clock.wait(100 * DAY)
        pruning = Pruning(registry, uploads, {"churn": Retention(job_days=10)})
        plan = pruning.plan()
        jobs.restart("churn", job.job)
        uploads.write(job.upload, b"rows")
        pruning.carry_out(plan)
        assert jobs.read("churn", job.job).state == "queued"
        assert uploads.children("uploads/churn/jobs") == [job.job]


class TestTrainingData:
    def with_rows(self, registry: Registry, publish: Publish, rows: int, time: str) -> str:
        """Publish a version that names rows of its own; returns their digest."""
        digest = training_data.store(registry.storage, {"a": list(range(rows))})
        manifest = publish(registry)
        data = TrainingData(digest=digest, time=time, rows_training=rows, rows_evaluation=1, mode="replace")
        key = f"models/churn/versions/{manifest.version}/manifest.json"
        registry.storage.write(key, replace(manifest, data=data).to_json())
        return digest

    def test_rows_that_no_version_names_go_in_two_runs(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        named = self.with_rows(registry, publish, 30, clock())
        orphan = training_data.store(registry.storage, {"a": [1]})
        assert prune(registry, Retention(versions=5)) == [("retire", f"data/{orphan}")]
        clock.wait(RETIRED_SECONDS + 1)
        assert prune(registry, Retention(versions=5)) == [("remove", f"data/{orphan}")]
        assert registry.storage.children("data") == [named]

    def test_rows_are_kept_for_their_days_and_those_of_production_always(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        digests = [self.with_rows(registry, publish, rows, clock()) for rows in (30, 40, 50)]
        serve(registry, 2)
        serve(registry, 3)
        clock.wait(10 * DAY + 1)
        young = self.with_rows(registry, publish, 60, clock())
        assert prune(registry, Retention(data_days=10)) == [("retire", f"data/{digests[0]}")]
        clock.wait(DAY)
        prune(registry, Retention(data_days=10))
        assert set(registry.storage.children("data")) == {*digests[1:], young}
        assert registry.versions("churn") == [1, 2, 3, 4]

    def test_rows_that_a_training_stores_meanwhile_are_kept(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        publish(registry)
        rows = {"a": [1, 2, 3]}
        digest = training_data.store(registry.storage, rows)
        prune(registry, Retention(versions=5))
        clock.wait(RETIRED_SECONDS + 1)
        assert training_data.store(registry.storage, rows) == digest
        assert prune(registry, Retention(versions=5)) == []
        clock.wait(60)
        self.with_rows(registry, publish, 3, clock())
        key = "models/churn/versions/2/manifest.json"
        document = orjson.loads(registry.storage.read(key).body)
        document["data"]["digest"] = digest
        registry.storage.write(key, orjson.dumps(document))
        steps = prune(registry, Retention(versions=5))
        assert ("keep", f"data/{digest}") in steps
        assert training_data.load(registry.storage, digest) == rows

    def test_rows_of_models_without_a_retention_are_kept(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        digest = self.with_rows(registry, publish, 30, clock())
        clock.wait(1000 * DAY)
        pruning = Pruning(registry, None, {"other": Retention(data_days=1)})
        assert pruning.plan() == []
        assert registry.storage.children("data") == [digest]

    def test_rows_without_forgotten_ones_are_kept_and_go_with_their_ids(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        named = self.with_rows(registry, publish, 3, clock())
        rest = training_data.store(registry.storage, {"a": [1, 2]})
        store_ids(registry.storage, rest, [RowIds("churn", "key", ()).extended(("ana", "bo"))])
        training_data.note_forgotten(registry.storage, named, training_data.Forgotten(clock(), 1, rest))
        training_data.delete_rows(registry.storage, named)
        assert prune(registry, Retention(versions=5)) == []
        self.with_rows(registry, publish, 4, clock())
        serve(registry, 2)
        clock.wait(DAY + 1)
        kept = Retention(versions=5, data_days=1)
        assert prune(registry, kept) == [("retire", f"data/{digest}") for digest in sorted((named, rest))]
        clock.wait(RETIRED_SECONDS + 1)
        prune(registry, kept)
        assert [key for key in registry.storage.keys("data") if named in key or rest in key] == []

    def test_what_a_removal_that_died_left_of_a_table_goes(
        self, registry: Registry, publish: Publish, clock: Clock
    ) -> None:
        publish(registry)
        digest = training_data.store(registry.storage, {"a": [1]})
        store_ids(registry.storage, digest, [RowIds("churn", "key", ()).extended(("ana",))])
        prune(registry, Retention(versions=5))
        clock.wait(RETIRED_SECONDS + 1)
        registry.storage.delete(f"data/{digest}")
        prune(registry, Retention(versions=5))
        assert registry.storage.keys("data") == []

    def test_a_record_that_cannot_be_read_keeps_all_rows(
        self, registry: Registry, publish: Publish, clock: Clock, caplog: pytest.LogCaptureFixture
    ) -> None:
        digest = self.with_rows(registry, publish, 3, clock())
        training_data.store(registry.storage, {"a": [1]})
        registry.storage.write(f"data/{digest}.forgotten.json", b"{")
        assert prune(registry, Retention(versions=5)) == []
        assert "no training data is removed: " in caplog.text

    def test_a_manifest_that_cannot_be_read_keeps_all_rows(
        self, registry: Registry, publish: Publish, clock: Clock, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.with_rows(registry, publish, 30, clock())
        training_data.store(registry.storage, {"a": [1]})
        registry.storage.write("models/churn/versions/1/manifest.json", b"{")
        assert prune(registry, Retention(versions=5, data_days=1)) == []
        assert "no training data is removed: version 1 of churn" in caplog.text


def test_a_plan_says_why(registry: Registry, publish: Publish) -> None:
    for _ in range(3):
        publish(registry)
    (one,) = Pruning(registry, None, {"churn": NEWEST_TWO}).plan()
    reason = "not among the newest 2, and not in production for 30 days"
    assert one == Pruned("retire", "version", "models/churn/versions/1", reason)


def test_a_models_own_retention_goes_before_the_default() -> None:
    class Model:
        def __init__(self, retention: Retention | None) -> None:
            self.retention = retention

    own, default = Retention(versions=1), Retention(versions=9)
    definitions: Any = {"a": Model(own), "b": Model(None)}
    assert retentions(definitions, default) == {"a": own, "b": default}
    assert retentions(definitions, None) == {"a": own}
