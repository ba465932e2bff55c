"""Jobs from arrival to their end: every state, and duplicates."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import orjson
import pytest

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import ConversionError, ParityError
from functions.core.jobs import Job, Jobs, Result
from functions.core.registry import Registry
from functions.core.time_notes import noted_times
from functions.core.uploads import Arrival
from functions.local.home import Home
from functions.trainer.deadline import STOP_SECONDS
from functions.trainer.worker import Worker
from model_export import training
from model_export.training import TrainingRun
from tests.trainer.car_jobs import MODEL, MakeWorker, Row, Submit, done, dropped, failing, production_of


def test_a_submitted_job_succeeds_with_its_result(
    worker: Worker, jobs: Jobs, home: Home, submit: Submit, cars: list[Row]
) -> None:
    queued, arrival = submit(cars, actor="somebody")
    job = done(worker.handle(arrival))
    assert (job.state, job.stage, job.progress, job.attempts) == ("succeeded", "succeeded", 1.0, 1)
    assert job.result is not None
    assert (job.result.version, job.result.promoted) == (2, True)
    assert job == jobs.read(MODEL, queued.job)
    assert (job.lease_owner, job.lease_until) == (None, None)
    assert production_of(home) == 2
    assert home.registry.history(MODEL)[-1].actor == "somebody"


def test_a_dropped_file_makes_its_job(worker: Worker, home: Home, definitions: Mapping[str, Definition]) -> None:
    sample = (definitions[MODEL].folder / "sample.csv").read_bytes()
    job = done(worker.handle(dropped(home, "march/rows.csv", sample)))
    assert (job.state, job.actor, job.mode, job.force) == ("succeeded", "upload", "replace", False)
    assert production_of(home) == 2


def test_the_ids_of_a_file_come_with_its_rows(
    home: Home, definitions: Mapping[str, Definition], make_worker: MakeWorker
) -> None:
    seen: list[TrainingRun] = []

    def noted(registry: Registry, run: TrainingRun) -> Result:
        seen.append(run)
        raise ParityError("enough")

    sample = (definitions["churn"].folder / "sample.csv").read_bytes()
    home.uploads.write("uploads/churn/rows.csv", sample)
    make_worker(train=noted).handle(Arrival("uploads/churn/rows.csv", "1", now()))
    assert seen[0].ids is not None
    assert seen[0].ids[:2] == ("8556-KDGGB", "2760-APKTC")
    assert len(seen[0].ids) == len(seen[0].table["churn"])


def test_notes_name_the_columns_that_were_not_used(
    worker: Worker, home: Home, definitions: Mapping[str, Definition]
) -> None:
    lines = (definitions[MODEL].folder / "sample.csv").read_text(encoding="utf-8").splitlines()
    body = "\n".join([f"{lines[0]},colour", *(f"{line},red" for line in lines[1:])])
    job = done(worker.handle(dropped(home, "rows.csv", body.encode())))
    assert (job.state, job.notes) == ("succeeded", ("columns not used: 'colour'",))


def test_progress_is_written_while_it_works(
    make_worker: MakeWorker, jobs: Jobs, submit: Submit, cars: list[Row]
) -> None:
    queued, arrival = submit(cars)
    seen: list[Job] = []

    def watched(registry: Registry, run: TrainingRun) -> Result:
        def progress(stage: str, fraction: float) -> None:
            run.progress(stage, fraction)
            seen.append(jobs.read(MODEL, queued.job))

        return training.train(registry, replace(run, progress=progress))

    make_worker(train=watched).handle(arrival)
    assert [job.stage for job in seen] == ["validate", "fit", "export", "parity", "evaluate", "publish", "promote"]
    assert [job.progress for job in seen] == sorted(job.progress for job in seen)
    assert {job.state for job in seen} == {"running"}
    assert [job.claimed for job in seen] == [None] * 6 + [2]
    assert all(job.lease_until is not None and job.lease_until > job.updated for job in seen)


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("rows.csv", b"", "too_short"),
        ("rows.xlsx", b"PK", "file_type"),
        ("rows.csv", b"name,year\nA,2000\n", "missing"),
        ("rows.json", b"[{]", "json_invalid"),
        ("rows.csv", b"n\x81me", "encoding"),
    ],
)
def test_bad_rows_end_as_refused_with_their_errors(
    worker: Worker, home: Home, name: str, body: bytes, kind: str
) -> None:
    job = done(worker.handle(dropped(home, name, body)))
    assert (job.state, job.attempts, job.result) == ("refused", 1, None)
    assert job.errors[0]["type"] == kind
    assert job.reason
    assert home.registry.versions(MODEL) == [1]


def test_a_file_over_the_limit_is_refused_unread(
    home: Home, definitions: Mapping[str, Definition], cars: list[Row]
) -> None:
    limits = replace(definitions[MODEL].limits, max_training_bytes=1000)
    small = {MODEL: replace(definitions[MODEL], limits=limits)}
    job = done(Worker(small, home.registry, home.uploads).handle(dropped(home, "rows.json", orjson.dumps(cars))))
    assert (job.state, job.errors[0]["type"]) == ("refused", "too_large")
    assert "larger than 1000 bytes (max_training_bytes)" in job.errors[0]["msg"]


def test_a_file_that_went_away_is_refused(worker: Worker, home: Home) -> None:
    arrival = dropped(home, "rows.csv", b"x")
    home.uploads.delete(arrival.key)
    job = done(worker.handle(arrival))
    assert (job.state, job.errors[0]["type"]) == ("refused", "missing")


def test_rows_older_than_productions_end_as_superseded(
    worker: Worker, home: Home, submit: Submit, cars: list[Row]
) -> None:
    _, arrival = submit(cars)
    registry = home.registry
    registry.promote(MODEL, 1, actor="test", expected=registry.pointer(MODEL), data_time=now(plus_seconds=60))
    job = done(worker.handle(arrival))
    assert job.state == "superseded"
    assert "newer" in str(job.reason)
    assert registry.versions(MODEL) == [1]


@pytest.mark.parametrize("error", [ParityError("they differ"), ConversionError("no such step")])
def test_what_another_attempt_would_not_mend_fails_at_once(
    make_worker: MakeWorker, home: Home, submit: Submit, cars: list[Row], error: Exception
) -> None:
    _, arrival = submit(cars)
    job = done(make_worker(train=failing(error)).handle(arrival))
    assert (job.state, job.attempts) == ("failed", 1)
    assert job.reason == f"{type(error).__name__}: {error}"
    assert home.registry.versions(MODEL) == [1]


def test_a_pipeline_that_cannot_be_fitted_fails_at_once(
    home: Home, definitions: Mapping[str, Definition], cars: list[Row]
) -> None:
    wrong = {MODEL: replace(definitions[MODEL], args={"max_iter": "many"})}
    job = done(Worker(wrong, home.registry, home.uploads).handle(dropped(home, "rows.json", orjson.dumps(cars))))
    assert (job.state, job.attempts) == ("failed", 1)
    assert "max_iter" in str(job.reason)


def test_a_model_trained_elsewhere_fails_its_job(home: Home, definitions: Mapping[str, Definition]) -> None:
    fixed = {MODEL: replace(definitions[MODEL], retrainable=False)}
    job = done(Worker(fixed, home.registry, home.uploads).handle(dropped(home, "rows.csv", b"x")))
    assert job.state == "failed"
    assert f"{MODEL} cannot be retrained here: train it elsewhere" in str(job.reason)


@pytest.mark.usefixtures("damaged_graphs")
def test_a_version_that_cannot_serve_ends_its_job_as_one_that_the_gate_refused(
    worker: Worker, home: Home, submit: Submit, cars: list[Row]
) -> None:
    _, arrival = submit(cars)
    job = done(worker.handle(arrival))
    assert (job.state, job.attempts) == ("succeeded", 1)
    assert job.result is not None
    assert (job.result.version, job.result.promoted, job.result.reason) == (2, False, job.reason)
    assert "version 2 is not promoted, because it cannot serve" in str(job.reason)
    assert (home.registry.versions(MODEL), production_of(home)) == ([1, 2], 1)


def test_production_that_is_damaged_fails_an_extension_at_once(
    worker: Worker, home: Home, submit: Submit, cars: list[Row]
) -> None:
    home.registry.storage.write(f"models/{MODEL}/versions/1/manifest.json", b"{")
    _, arrival = submit(cars, mode="extend")
    job = done(worker.handle(arrival))
    assert (job.state, job.attempts) == ("failed", 1)
    assert f"models/{MODEL}/versions/1/manifest.json cannot be read" in str(job.reason)


def test_two_notices_of_one_arrival_make_one_version(worker: Worker, home: Home, cars: list[Row]) -> None:
    arrival = dropped(home, "rows.json", orjson.dumps(cars))
    later = replace(arrival, time=now(plus_seconds=5))
    assert done(worker.handle(arrival)).state == "succeeded"
    assert worker.handle(later) is None
    assert home.registry.versions(MODEL) == [1, 2]


def test_a_file_that_changed_is_another_arrival(worker: Worker, home: Home, cars: list[Row]) -> None:
    for version, identity in ((2, "1"), (3, "2")):
        job = done(worker.handle(dropped(home, "rows.json", orjson.dumps(cars), identity=identity)))
        assert (job.result and job.result.version) == version


@pytest.mark.parametrize(
    "key", ["uploads/boats/rows.csv", "uploads/rows.csv", "elsewhere/churn/rows.csv", "uploads/churn/.hidden"]
)
def test_a_file_of_no_model_is_nobodys(worker: Worker, jobs: Jobs, caplog: pytest.LogCaptureFixture, key: str) -> None:
    with caplog.at_level(logging.WARNING):
        assert worker.handle(Arrival(key, "1", now())) is None
    assert key in caplog.text
    assert [jobs.newest_first(model).entries for model in ("car-price", "churn")] == [[], []]


def test_an_upload_without_its_job_is_nobodys(worker: Worker, jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert worker.handle(Arrival(f"uploads/{MODEL}/jobs/{'0' * 32}/rows.csv", "1", now())) is None
    assert "no job waits" in caplog.text
    assert jobs.newest_first(MODEL).entries == []


@pytest.mark.parametrize(("seconds_left", "is_noted"), [(None, True), (900.0, True), (STOP_SECONDS + 30, False)])
def test_after_a_job_the_times_of_older_jobs_are_noted_if_there_is_time(
    worker: Worker, submit: Submit, home: Home, seconds_left: float | None, is_noted: bool
) -> None:
    older, _ = submit([{"of": "an older release"}])
    for key in home.registry.storage.keys(f"models/{MODEL}/times"):
        home.registry.storage.delete(key)
    job, arrival = submit([{"no": "car"}])
    done = worker.handle(arrival, seconds_left=seconds_left)
    assert done is not None
    assert done.state == "refused"
    expected = {older.job, job.job} if is_noted else {job.job}
    assert noted_times(home.registry.storage, MODEL, "jobs").keys() == expected
