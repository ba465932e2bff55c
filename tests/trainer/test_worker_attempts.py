"""Attempts at jobs: crashes, the end of their time, and workers that take over from others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from functions.core import jobs as job_records
from functions.core.clock import now
from functions.core.errors import ParityError, StorageError
from functions.core.jobs import MAX_ATTEMPTS, Job, Jobs, LeaseHeldError, Result
from functions.core.registry import Registry
from functions.local.home import Home
from functions.trainer import worker as worker_module
from functions.trainer.deadline import STOP_SECONDS, ended_after
from functions.trainer.worker import Worker
from model_export import training
from model_export.training import TrainingRun
from tests.trainer.car_jobs import MODEL, Interrupted, MakeWorker, Row, Submit, done, failing, production_of


def test_a_crash_puts_the_job_back_and_the_third_fails_it(
    make_worker: MakeWorker, jobs: Jobs, home: Home, submit: Submit, cars: list[Row]
) -> None:
    queued, arrival = submit(cars)
    worker = make_worker(train=failing(MemoryError("too much")))
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with pytest.raises(MemoryError):
            worker.handle(arrival)
        job = jobs.read(MODEL, queued.job)
        assert (job.state, job.attempts) == ("failed" if attempt == MAX_ATTEMPTS else "queued", attempt)
        assert "MemoryError: too much" in str(job.reason)
        assert job.lease_until is None
    assert worker.handle(arrival) is None
    assert production_of(home) == 1


def test_what_the_storage_said_is_logged_and_not_in_the_job(
    make_worker: MakeWorker, jobs: Jobs, submit: Submit, cars: list[Row], caplog: pytest.LogCaptureFixture
) -> None:
    queued, arrival = submit(cars)
    with pytest.raises(StorageError):
        make_worker(train=failing(StorageError("arn:aws:iam::123456789012:role/x"))).handle(arrival)
    assert jobs.read(MODEL, queued.job).reason == f"StorageError: {StorageError('').public}"
    assert "123456789012" in caplog.text


def test_a_crashed_job_succeeds_in_its_next_attempt(
    worker: Worker, make_worker: MakeWorker, submit: Submit, cars: list[Row]
) -> None:
    _, arrival = submit(cars)
    with pytest.raises(OSError, match="disk full"):
        make_worker(train=failing(OSError("disk full"))).handle(arrival)
    job = done(worker.handle(arrival))
    assert (job.state, job.attempts, job.result and job.result.version) == ("succeeded", 2, 2)


def test_a_crash_between_publishing_and_promoting_makes_no_second_version(
    worker: Worker, make_worker: MakeWorker, home: Home, submit: Submit, cars: list[Row]
) -> None:
    _, arrival = submit(cars)

    def crash() -> None:
        raise OSError("power cut")

    with pytest.raises(OSError, match="power cut"):
        make_worker(Interrupted(home, crash)).handle(arrival)
    assert (home.registry.versions(MODEL), production_of(home)) == ([1, 2], 1)
    job = done(worker.handle(arrival))
    assert (job.result and job.result.version, home.registry.versions(MODEL)) == (2, [1, 2])
    assert production_of(home) == 2


def test_a_job_whose_time_is_over_fails_for_good_and_says_what_helps(
    make_worker: MakeWorker, jobs: Jobs, submit: Submit, cars: list[Row]
) -> None:
    ended: list[Job] = []
    worker = make_worker(on_end=lambda job, seconds: ended.append(job), train=lambda *_: threading.Event().wait(3600))
    queued, arrival = submit(cars)
    job = done(worker.handle(arrival, seconds_left=STOP_SECONDS))
    assert (job.state, job.attempts) == ("failed", 1)
    assert f"not finished in {STOP_SECONDS:.0f} seconds: send fewer rows" in str(job.reason)
    assert ended == [job] == [jobs.read(MODEL, queued.job)]
    assert worker.handle(arrival, seconds_left=900.0) is None


def test_a_job_whose_time_is_over_before_its_promotion_is_promoted_by_the_next_attempt(
    worker: Worker,
    make_worker: MakeWorker,
    jobs: Jobs,
    home: Home,
    submit: Submit,
    cars: list[Row],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queued, arrival = submit(cars)
    at_promotion = threading.Event()

    def wait() -> None:
        at_promotion.set()
        threading.Event().wait(3600)

    with monkeypatch.context() as patched:
        patched.setattr(worker_module, "ended_after", lambda _, on_end: ended_when(at_promotion, on_end))
        with pytest.raises(TimeoutError, match="is to be taken up again: not finished in 900 seconds"):
            make_worker(Interrupted(home, wait)).handle(arrival, seconds_left=900.0)
    assert (jobs.read(MODEL, queued.job).state, production_of(home)) == ("queued", 1)
    job = done(worker.handle(arrival, seconds_left=900.0))
    assert (job.state, job.attempts, production_of(home)) == ("succeeded", 2, 2)
    assert home.registry.versions(MODEL) == [1, 2]


@contextmanager
def ended_when(event: threading.Event, on_end: Callable[[], bool]) -> Iterator[None]:
    """A deadline that comes with an event."""

    def wait() -> bool:
        event.wait()
        return on_end()

    with ended_after(0.0, wait):
        yield


def test_a_job_that_ends_in_time_is_as_ever(worker: Worker, submit: Submit, cars: list[Row]) -> None:
    _, arrival = submit(cars)
    assert done(worker.handle(arrival, seconds_left=900.0)).state == "succeeded"


def test_a_job_of_another_worker_that_runs_out_of_time_is_left_alone(
    make_worker: MakeWorker, jobs: Jobs, submit: Submit, cars: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued, arrival = submit(cars)

    def taken_over(*_: object) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(job_records, "now", lambda plus_seconds=0: now(plus_seconds=plus_seconds + 3600))
            jobs.take(MODEL, queued.job, owner="another")
        threading.Event().wait(3600)

    monkeypatch.setattr(worker_module, "STOP_SECONDS", 899.0)
    with pytest.raises(TimeoutError, match="is to be taken up again"):
        make_worker(train=taken_over).handle(arrival, seconds_left=900.0)
    job = jobs.read(MODEL, queued.job)
    assert (job.lease_owner, job.state) == ("another", "running")


@pytest.mark.parametrize("error", [MemoryError("too much"), ParityError("too far apart")])
def test_every_end_is_reported_once_and_a_crash_that_is_retried_is_not(
    make_worker: MakeWorker, submit: Submit, cars: list[Row], error: Exception
) -> None:
    ended: list[Job] = []
    worker = make_worker(on_end=lambda job, seconds: ended.append(job), train=failing(error))
    _, arrival = submit(cars)
    for _ in range(MAX_ATTEMPTS):
        with suppress(MemoryError):
            worker.handle(arrival)
    assert [job.state for job in ended] == ["failed"]


def test_a_lease_that_could_not_be_prolonged_is_tried_again(
    worker: Worker,
    submit: Submit,
    cars: list[Row],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, arrival = submit(cars)
    prolong, beats = job_records.Lease.prolong, []

    def beat(lease: job_records.Lease) -> None:
        beats.append(lease)
        if len(beats) == 1:
            raise StorageError("the disk is full")
        prolong(lease)

    monkeypatch.setattr(worker_module, "LEASE_SECONDS", 0.03)
    monkeypatch.setattr(job_records.Lease, "prolong", beat)
    assert done(worker.handle(arrival)).state == "succeeded"
    assert len(beats) > 1
    assert "could not be prolonged: the disk is full" in caplog.text


def test_a_held_job_is_left_alone(worker: Worker, jobs: Jobs, submit: Submit, cars: list[Row]) -> None:
    queued, arrival = submit(cars)
    jobs.take(MODEL, queued.job, owner="another")
    with pytest.raises(LeaseHeldError):
        worker.handle(arrival)
    assert jobs.read(MODEL, queued.job).lease_owner == "another"


def test_the_job_of_a_dead_worker_is_taken_over(
    worker: Worker, jobs: Jobs, submit: Submit, cars: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued, arrival = submit(cars)
    with monkeypatch.context() as patched:
        patched.setattr(job_records, "LEASE_SECONDS", -1.0)
        jobs.take(MODEL, queued.job, owner="dead")
    job = done(worker.handle(arrival))
    assert (job.state, job.attempts) == ("succeeded", 2)


def test_a_worker_that_was_taken_over_writes_nothing_more(
    make_worker: MakeWorker, jobs: Jobs, home: Home, submit: Submit, cars: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued, arrival = submit(cars)

    def slow(registry: Registry, run: TrainingRun) -> Result:
        with monkeypatch.context() as patched:
            patched.setattr(job_records, "now", lambda plus_seconds=0: now(plus_seconds=plus_seconds + 3600))
            jobs.take(MODEL, queued.job, owner="another")
        return training.train(registry, run)

    with pytest.raises(LeaseHeldError):
        make_worker(train=slow).handle(arrival)
    job = jobs.read(MODEL, queued.job)
    assert (job.lease_owner, job.state) == ("another", "running")
    assert production_of(home) == 1


def test_a_job_whose_workers_all_died_has_failed_for_every_reader(
    worker: Worker, jobs: Jobs, submit: Submit, cars: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued, arrival = submit(cars)
    with monkeypatch.context() as patched:
        patched.setattr(job_records, "LEASE_SECONDS", -1.0)
        for _ in range(MAX_ATTEMPTS):
            jobs.take(MODEL, queued.job, owner="dead")
    assert worker.handle(arrival) is None
    job = jobs.read(MODEL, queued.job)
    assert (job.state, job.attempts) == ("failed", MAX_ATTEMPTS)
    assert f"the trainer died in each of {MAX_ATTEMPTS} attempts" in str(job.reason)
