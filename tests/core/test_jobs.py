"""Jobs: one holder at a time, taken over after silence, and final once finished."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.core import jobs as jobs_module
from functions.core.clock import stamp
from functions.core.errors import ConflictError, DamagedRecordError, NotFoundError, StorageError
from functions.core.excerpts import Excerpt
from functions.core.jobs import (
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    TERMINAL,
    Job,
    Jobs,
    Lease,
    LeaseEndedError,
    LeaseHeldError,
    Result,
    job_id,
)
from functions.core.local_storage import LocalStorage
from functions.core.records import read_record
from functions.core.time_notes import note_time, noted_times

MODEL, NAME = "rent", "0" * 32
RESULT = Result(
    version=3,
    promoted=True,
    reason="the gate let it pass",
    metrics={"r2": 0.5},
    production_metrics=None,
    rows={"training": 80, "evaluation": 20},
)


def new_job(name: str = NAME, *, created: str = "2026-01-01T00:00:00.000000Z") -> Job:
    return Job(
        job=name,
        model=MODEL,
        upload=f"uploads/{MODEL}/jobs/{name}/rows.csv",
        mode="replace",
        force=False,
        actor="test",
        data_time=created,
        fingerprint=name,
        created=created,
        updated=created,
    )


class Clock:
    """A replacement for functions.core.jobs.now that is moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self, *, plus_seconds: float = 0) -> str:
        return stamp(self.moment + timedelta(seconds=plus_seconds))

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(jobs_module, "now", clock)
    return clock


@pytest.fixture
def jobs(tmp_path: Path, clock: Clock) -> Jobs:
    """The jobs of a registry with one queued job."""
    jobs = Jobs(LocalStorage(tmp_path))
    jobs.create(new_job())
    return jobs


def take(jobs: Jobs, owner: str = "one") -> Lease:
    lease = jobs.take(MODEL, NAME, owner=owner)
    assert lease is not None
    return lease


class TestRecords:
    def test_json_keeps_a_job(self) -> None:
        whole = replace(
            new_job(),
            state="succeeded",
            notes=("columns not used: 'a'",),
            errors=({"loc": [0, "a"], "msg": "field required", "type": "missing"},),
            result=RESULT,
            claimed=3,
        )
        assert read_record(whole.to_json(), Job, "key") == whole
        assert read_record(new_job().to_json(), Job, "key") == new_job()

    def test_a_job_is_created_once(self, jobs: Jobs) -> None:
        other = replace(new_job(), actor="another")
        assert jobs.create(other) == (new_job(), False)
        assert jobs.create(new_job("1" * 32)) == (new_job("1" * 32), True)

    def test_an_unknown_job_is_not_found(self, jobs: Jobs) -> None:
        for act in (
            lambda: jobs.read(MODEL, "none"),
            lambda: jobs.take(MODEL, "none", owner="one"),
            lambda: jobs.restart(MODEL, "none"),
            lambda: jobs.read("other", NAME),
        ):
            with pytest.raises(NotFoundError, match="no job"):
                act()

    def test_they_are_listed_newest_first(self, jobs: Jobs) -> None:
        jobs.create(new_job("a" * 32, created="2026-01-03T00:00:00.000000Z"))
        jobs.create(new_job("b" * 32, created="2026-01-02T00:00:00.000000Z"))
        assert [job.job[0] for job in jobs.newest_first(MODEL).entries] == ["a", "b", "0"]
        assert jobs.newest_first("other").entries == []

    def test_the_time_of_a_job_is_noted_with_it(self, jobs: Jobs, tmp_path: Path) -> None:
        assert noted_times(LocalStorage(tmp_path), MODEL, "jobs") == {NAME: new_job().created}

    def test_a_noted_job_that_is_on_another_page_is_not_read(self, jobs: Jobs, tmp_path: Path) -> None:
        jobs.create(new_job("1" * 32, created="2026-01-02T00:00:00.000000Z"))
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(b"{")
        first = jobs.newest_first(MODEL, 0, 1)
        assert ([job.job[0] for job in first.entries], first.total) == (["1"], 2)
        assert jobs.newest_first(MODEL, 1, 1) == Excerpt([], 2)
        assert jobs.newest_first(MODEL, 0, 2).total == 1

    @pytest.mark.parametrize("lost", ["every note", "some notes", "no note"])
    def test_jobs_without_notes_stand_among_the_others_in_their_order(
        self, jobs: Jobs, tmp_path: Path, lost: str
    ) -> None:
        days = [3, 9, 9, 1, 5, 7, 7, 7]
        for place, day in enumerate(days):
            jobs.create(new_job(f"{place + 1:x}" * 32, created=f"2026-02-{day:02}T00:00:00.000000Z"))
        for place, note in enumerate(sorted((tmp_path / f"models/{MODEL}/times/jobs").iterdir())):
            if lost == "every note" or (lost == "some notes" and place % 2):
                note.unlink()
        pages = [jobs.newest_first(MODEL, start, 4) for start in (0, 4, 8)]
        assert ["".join(job.job[0] for job in page.entries) for page in pages] == ["2367", "8514", "0"]
        assert {page.total for page in pages} == {9}

    def test_a_job_with_two_notes_is_where_its_record_says(self, jobs: Jobs, tmp_path: Path) -> None:
        jobs.create(new_job("1" * 32, created="2026-01-02T00:00:00.000000Z"))
        note_time(LocalStorage(tmp_path), MODEL, "jobs", NAME, "2026-01-03T00:00:00.000000Z")
        assert [job.job[0] for job in jobs.newest_first(MODEL, 0, 1).entries] == ["1"]

    def test_a_note_without_a_record_is_no_job(self, jobs: Jobs, tmp_path: Path) -> None:
        note_time(LocalStorage(tmp_path), MODEL, "jobs", "1" * 32, "2026-01-03T00:00:00.000000Z")
        assert jobs.newest_first(MODEL, 0, 1) == Excerpt([new_job()], 1)

    def test_a_record_that_vanishes_after_the_list_is_left_out(
        self, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jobs.create(new_job("1" * 32))
        listed = LocalStorage.children
        path = tmp_path / f"models/{MODEL}/jobs/{NAME}.json"

        def list_and_lose(storage: LocalStorage, prefix: str) -> list[str]:
            names = listed(storage, prefix)
            path.unlink(missing_ok=True)
            return names

        monkeypatch.setattr(LocalStorage, "children", list_and_lose)
        assert jobs.newest_first(MODEL) == Excerpt([new_job("1" * 32)], 1)

    def test_notes_that_jobs_lack_are_written_afterwards(
        self, jobs: Jobs, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for digit in "123":
            jobs.create(new_job(digit * 32))
        shutil.rmtree(tmp_path / f"models/{MODEL}/times/jobs")
        (tmp_path / f"models/{MODEL}/jobs/{'3' * 32}.json").write_bytes(b"{")
        jobs.note_times(MODEL, at_most=2)
        assert noted_times(LocalStorage(tmp_path), MODEL, "jobs").keys() == {NAME, "1" * 32}
        jobs.note_times(MODEL, at_most=2)
        assert noted_times(LocalStorage(tmp_path), MODEL, "jobs").keys() == {NAME, "1" * 32, "2" * 32}
        assert f"{'3' * 32}.json cannot be read" in caplog.text

    def test_a_storage_that_fails_while_notes_are_written_is_logged(
        self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def refuse(storage: LocalStorage, prefix: str) -> list[str]:
            raise StorageError("no list")

        monkeypatch.setattr(LocalStorage, "children", refuse)
        jobs.note_times(MODEL, at_most=2)
        assert f"jobs of {MODEL} stay without a note of their time: no list" in caplog.text

    def test_a_replaced_record_has_the_time_of_its_replacement(self, jobs: Jobs, tmp_path: Path) -> None:
        jobs.create(new_job("1" * 32, created="2026-01-02T00:00:00.000000Z"))
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(b"{")
        jobs.create(new_job(created="2026-01-03T00:00:00.000000Z"))
        assert [job.job[0] for job in jobs.newest_first(MODEL).entries] == ["0", "1"]

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"job": 1}', b"\xff"])
    def test_a_record_that_cannot_be_read_hides_no_other_and_is_named(
        self, jobs: Jobs, tmp_path: Path, caplog: pytest.LogCaptureFixture, body: bytes
    ) -> None:
        jobs.create(new_job("1" * 32))
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(body)
        for stray in ("abc.json", ".DS_Store", "notes.txt"):
            (tmp_path / f"models/{MODEL}/jobs" / stray).write_bytes(b"stray")
        assert jobs.newest_first(MODEL).entries == [new_job("1" * 32)]
        assert f"models/{MODEL}/jobs/{NAME}.json cannot be read" in caplog.text
        for act in (lambda: jobs.read(MODEL, NAME), lambda: jobs.take(MODEL, NAME, owner="one")):
            with pytest.raises(DamagedRecordError, match=NAME):
                act()

    def test_the_same_request_replaces_a_damaged_record(self, jobs: Jobs, tmp_path: Path) -> None:
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(b"{")
        assert jobs.create(new_job()) == (new_job(), True)
        assert jobs.read(MODEL, NAME) == new_job()

    def test_a_metric_that_is_undefined_comes_back_as_none(self) -> None:
        job = replace(new_job(), result=replace(RESULT, metrics={"roc_auc": float("nan"), "f1": 1.0}))
        found = read_record(job.to_json(), Job, "key")
        assert found.result is not None
        assert found.result.metrics == {"roc_auc": None, "f1": 1.0}

    def test_a_name_follows_from_its_parts(self) -> None:
        assert job_id("a", 1) == job_id("a", 1)
        assert len({job_id("a", 1), job_id("a", 2), job_id("a1"), job_id("a", "1", ""), job_id("1", "a")}) == 5
        assert len(job_id("a")) == 32
        assert int(job_id("a"), 16) >= 0


class TestLease:
    def test_taking_starts_an_attempt(self, jobs: Jobs, clock: Clock) -> None:
        job = take(jobs).job
        assert (job.state, job.attempts, job.lease_owner) == ("running", 1, "one")
        assert job.lease_until == clock(plus_seconds=LEASE_SECONDS)
        assert jobs.read(MODEL, NAME) == job

    def test_a_held_job_is_nobody_elses(self, jobs: Jobs, clock: Clock) -> None:
        take(jobs)
        clock.wait(LEASE_SECONDS - 1)
        with pytest.raises(LeaseHeldError, match="held by one until"):
            jobs.take(MODEL, NAME, owner="two")
        assert jobs.read(MODEL, NAME).lease_owner == "one"
        assert issubclass(LeaseHeldError, ConflictError)

    def test_a_silent_holder_is_replaced(self, jobs: Jobs, clock: Clock) -> None:
        take(jobs)
        clock.wait(LEASE_SECONDS)
        job = take(jobs, "two").job
        assert (job.state, job.attempts, job.lease_owner) == ("running", 2, "two")

    @pytest.mark.parametrize("act", ["update", "prolong", "finish", "release"])
    def test_a_replaced_holder_can_change_nothing(self, jobs: Jobs, clock: Clock, act: str) -> None:
        old = take(jobs)
        clock.wait(LEASE_SECONDS)
        new = take(jobs, "two")
        acts: dict[str, Callable[[], object]] = {
            "update": lambda: old.update(stage="fit"),
            "prolong": old.prolong,
            "finish": lambda: old.finish("succeeded", result=RESULT),
            "release": lambda: old.release("crash"),
        }
        with pytest.raises(LeaseHeldError, match="taken over"):
            acts[act]()
        assert jobs.read(MODEL, NAME) == new.job

    @pytest.mark.parametrize(
        "end",
        [lambda lease: lease.release("crash"), lambda lease: lease.finish("refused")],
        ids=["released", "finished"],
    )
    @pytest.mark.parametrize(
        "act",
        [
            lambda lease: lease.update(stage="fit"),
            lambda lease: lease.finish("succeeded", result=RESULT),
            lambda lease: lease.release("crash"),
            lambda lease: lease.run_out("too slow"),
        ],
        ids=["update", "finish", "release", "run_out"],
    )
    def test_a_holder_that_ended_its_attempt_can_change_nothing_more(
        self, jobs: Jobs, end: Callable[[Lease], Job], act: Callable[[Lease], Job]
    ) -> None:
        lease = take(jobs)
        job = end(lease)
        with pytest.raises(LeaseEndedError, match=f"is over: it is {job.state}"):
            act(lease)
        assert jobs.read(MODEL, NAME) == job

    def test_updates_and_prolonging_keep_the_lease(self, jobs: Jobs, clock: Clock) -> None:
        lease = take(jobs)
        for keep in (lambda: lease.update(stage="fit", progress=0.1), lease.prolong):
            clock.wait(LEASE_SECONDS - 1)
            keep()
        clock.wait(LEASE_SECONDS - 1)
        with pytest.raises(LeaseHeldError):
            jobs.take(MODEL, NAME, owner="two")
        job = jobs.read(MODEL, NAME)
        assert (job.stage, job.progress, job.attempts) == ("fit", 0.1, 1)

    def test_what_an_attempt_wrote_outlives_it(self, jobs: Jobs, clock: Clock) -> None:
        take(jobs).update(claimed=7, stage="publish")
        clock.wait(LEASE_SECONDS)
        assert take(jobs, "two").job.claimed == 7

    def test_a_reason_of_an_earlier_attempt_is_dropped(self, jobs: Jobs) -> None:
        take(jobs).release("out of memory")
        assert take(jobs).job.reason is None

    def test_of_many_takers_one_wins(self, jobs: Jobs) -> None:
        leases: list[Lease | None] = []
        held: list[LeaseHeldError] = []
        start = threading.Barrier(6)

        def race(owner: str) -> None:
            start.wait()
            try:
                leases.append(jobs.take(MODEL, NAME, owner=owner))
            except LeaseHeldError as error:
                held.append(error)

        threads = [threading.Thread(target=race, args=(str(number),)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(leases), len(held)) == (1, 5)
        assert jobs.read(MODEL, NAME).attempts == 1

    def test_the_holders_threads_do_not_lock_one_another_out(self, jobs: Jobs) -> None:
        lease = take(jobs)
        threads = [threading.Thread(target=lease.prolong) for _ in range(4)]
        for thread in threads:
            thread.start()
        lease.update(stage="fit")
        for thread in threads:
            thread.join()
        assert lease.finish("succeeded", result=RESULT) == jobs.read(MODEL, NAME)


class TestFinish:
    @pytest.mark.parametrize("state", sorted(TERMINAL))
    def test_a_finished_job_is_not_taken_again(self, jobs: Jobs, clock: Clock, state: jobs_module.State) -> None:
        job = take(jobs).finish(state, reason="because")
        assert (job.state, job.stage, job.progress, job.reason) == (state, state, 1.0, "because")
        assert (job.lease_owner, job.lease_until, job.is_finished) == (None, None, True)
        clock.wait(10 * LEASE_SECONDS)
        assert jobs.take(MODEL, NAME, owner="two") is None
        assert jobs.read(MODEL, NAME) == job

    def test_the_result_is_kept(self, jobs: Jobs) -> None:
        take(jobs).finish("succeeded", result=RESULT)
        assert jobs.read(MODEL, NAME).result == RESULT

    def test_a_stage_may_show_where_it_ended(self, jobs: Jobs) -> None:
        assert take(jobs).finish("failed", stage="parity", progress=0.7).stage == "parity"

    def test_prolonging_after_the_end_changes_nothing(self, jobs: Jobs, clock: Clock) -> None:
        lease = take(jobs)
        job = lease.finish("succeeded", result=RESULT)
        clock.wait(1)
        lease.prolong()
        assert jobs.read(MODEL, NAME) == job

    @pytest.mark.parametrize(("state", "finished"), [("waiting", False), ("queued", False), ("running", False)])
    def test_other_states_are_not_final(self, state: jobs_module.State, finished: bool) -> None:
        assert replace(new_job(), state=state).is_finished is finished


class TestRelease:
    def test_a_crashed_job_is_queued_and_free_at_once(self, jobs: Jobs) -> None:
        job = take(jobs).release("MemoryError: no room")
        assert (job.state, job.stage, job.reason) == ("queued", "queued", "MemoryError: no room")
        assert (job.lease_owner, job.lease_until, job.attempts) == (None, None, 1)
        assert take(jobs, "two").job.attempts == 2

    def test_prolonging_after_it_changes_nothing(self, jobs: Jobs) -> None:
        lease = take(jobs)
        job = lease.release("crash")
        lease.prolong()
        assert jobs.read(MODEL, NAME) == job

    def test_the_last_attempt_fails_the_job_for_good(self, jobs: Jobs) -> None:
        states = [take(jobs).release("crash").state for _ in range(MAX_ATTEMPTS)]
        assert states == ["queued"] * (MAX_ATTEMPTS - 1) + ["failed"]
        assert jobs.read(MODEL, NAME).reason == f"crash (attempt {MAX_ATTEMPTS} of {MAX_ATTEMPTS})"
        assert jobs.take(MODEL, NAME, owner="two") is None

    def test_attempts_of_silent_workers_count(self, jobs: Jobs, clock: Clock) -> None:
        for _ in range(MAX_ATTEMPTS - 1):
            take(jobs)
            clock.wait(LEASE_SECONDS)
        assert take(jobs).release("crash").state == "failed"


class TestRunningOut:
    def test_a_job_whose_time_is_over_fails_in_its_first_attempt(self, jobs: Jobs) -> None:
        lease = take(jobs)
        lease.update(stage="fit", claimed=2)
        job = lease.run_out("not finished in 900 seconds")
        assert (job.state, job.attempts, job.reason) == ("failed", 1, "not finished in 900 seconds")
        assert jobs.take(MODEL, NAME, owner="two") is None

    def test_one_whose_promotion_alone_is_left_may_be_promoted_by_the_next(self, jobs: Jobs) -> None:
        lease = take(jobs)
        lease.update(stage="promote", claimed=2)
        assert lease.run_out("not finished in 900 seconds").state == "queued"
        assert take(jobs, "two").job.claimed == 2


class TestDeadWorkers:
    def test_a_job_whose_last_worker_died_has_failed_for_everybody_who_looks(self, jobs: Jobs, clock: Clock) -> None:
        for _ in range(MAX_ATTEMPTS):
            lease = take(jobs)
            clock.wait(LEASE_SECONDS)
        (listed,) = jobs.newest_first(MODEL).entries
        assert listed == jobs.read(MODEL, NAME)
        assert (listed.state, listed.stage, listed.progress, listed.attempts) == ("failed", "failed", 1.0, MAX_ATTEMPTS)
        assert (listed.lease_owner, listed.lease_until) == (None, None)
        assert f"the trainer died in each of {MAX_ATTEMPTS} attempts" in str(listed.reason)
        assert jobs.take(MODEL, NAME, owner="late") is None
        with pytest.raises(LeaseHeldError, match="taken over"):  # a worker that only slept
            lease.finish("succeeded", result=RESULT)
        assert jobs.restart(MODEL, NAME).state == "queued"

    def test_one_at_work_in_its_last_attempt_has_not(self, jobs: Jobs, clock: Clock) -> None:
        for _ in range(MAX_ATTEMPTS - 1):
            take(jobs)
            clock.wait(LEASE_SECONDS)
        lease = take(jobs)
        clock.wait(LEASE_SECONDS - 1)
        assert jobs.read(MODEL, NAME).state == "running"
        lease.prolong()
        clock.wait(LEASE_SECONDS - 1)
        assert lease.finish("succeeded", result=RESULT).state == "succeeded"

    def test_it_is_seen_where_nothing_may_be_written(
        self, jobs: Jobs, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> str:
            raise StorageError("access denied")

        for _ in range(MAX_ATTEMPTS):
            take(jobs)
            clock.wait(LEASE_SECONDS)
        with monkeypatch.context() as patch:
            patch.setattr(LocalStorage, "replace", refuse)
            assert jobs.read(MODEL, NAME).state == "failed"
        assert jobs.read(MODEL, NAME).state == "failed"


class TestRestart:
    def test_a_failed_job_is_started_again(self, jobs: Jobs, clock: Clock) -> None:
        take(jobs).finish("failed", reason="crash", claimed=4)
        clock.wait(5)
        job = jobs.restart(MODEL, NAME)
        assert (job.state, job.stage, job.progress, job.attempts, job.reason) == ("queued", "queued", 0.0, 0, None)
        assert (job.updated, job.claimed) == (clock(), 4)
        assert jobs.read(MODEL, NAME) == job
        assert take(jobs).job.attempts == 1

    @pytest.mark.parametrize("state", sorted(TERMINAL - {"failed"}))
    def test_any_other_end_is_final(self, jobs: Jobs, state: jobs_module.State) -> None:
        job = take(jobs).finish(state)
        assert jobs.restart(MODEL, NAME) == job == jobs.read(MODEL, NAME)

    def test_a_running_job_is_not_disturbed(self, jobs: Jobs) -> None:
        lease = take(jobs)
        assert jobs.restart(MODEL, NAME) == lease.job
        assert lease.update(stage="fit").stage == "fit"
