"""The laptop's trainer: what becomes of arrivals, of crashes, and of jobs that somebody holds."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from functions.core.definition import Definition
from functions.core.errors import DamagedRecordError, StorageError
from functions.core.jobs import Job, Jobs, LeaseHeldError
from functions.core.local_storage import LocalStorage
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local import arrival_loop
from functions.local.home import Home
from functions.local.trainer_process import watch
from functions.trainer.worker import Worker

Row = dict[str, Any]
MODEL = "car-price"


class Recorder:
    """A worker that does what the test sets for each key, and notes the arrivals."""

    def __init__(self, outcomes: Mapping[str, list[Exception]]) -> None:
        self.handled: list[str] = []
        self._outcomes = outcomes

    def has_handled(self, count: int) -> bool:
        return len(self.handled) == count

    def handle(self, arrival: Arrival) -> Job | None:
        self.handled.append(arrival.key)
        outcomes = self._outcomes.get(arrival.key, [])
        if outcomes:
            raise outcomes.pop(0)
        return None


@contextmanager
def watching(home: Home, worker: Any, models: Container[str] = ("churn",)) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=watch, args=(home, models, worker), kwargs={"until": stop})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival_loop, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(arrival_loop, "RETRY_SECONDS", 0.02)


def test_a_job_is_worked_on_and_its_upload_removed(
    home: Home,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    training: Callable[[Home], AbstractContextManager[None]],
) -> None:
    body = orjson.dumps(labelled(MODEL)[:800])
    job = Submissions(home.registry, home.uploads).submit(definitions[MODEL], body, TrainingRequest())
    with training(home):
        wait_for(lambda: Jobs(home.registry.storage).read(MODEL, job.job).is_finished)
        wait_for(lambda: not (home.root / job.upload).exists())
    assert Jobs(home.registry.storage).read(MODEL, job.job).state == "succeeded"


def test_a_dropped_file_stays_its_owners(
    home: Home, definitions: Mapping[str, Definition], training: Callable[[Home], AbstractContextManager[None]]
) -> None:
    path = home.root / "uploads" / MODEL / "rows.csv"
    sample = (definitions[MODEL].folder / "sample.csv").read_bytes()
    path.write_bytes(sample)
    jobs = Jobs(home.registry.storage)
    with training(home):
        wait_for(lambda: any(job.is_finished for job in jobs.newest_first(MODEL).entries))
    (job,) = jobs.newest_first(MODEL).entries
    assert (job.state, job.actor) == ("succeeded", "upload")
    assert path.read_bytes() == sample


@pytest.mark.parametrize(
    "error",
    [
        LeaseHeldError("another has it"),
        RuntimeError("a crash"),
        StorageError("the disk is full"),
        DamagedRecordError("a job cannot be read"),
    ],
)
def test_what_did_not_work_out_is_tried_again(tmp_path: Path, error: Exception) -> None:
    key = "uploads/churn/rows.csv"
    worker = Recorder({key: [error, error]})
    home = Home(tmp_path)
    home.create(["churn"])
    (tmp_path / key).write_text("rows")
    with watching(home, worker):
        wait_for(lambda: len(worker.handled) == 3)
    assert worker.handled == [key] * 3


def test_an_upload_that_cannot_be_removed_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key, delete, refused = f"uploads/churn/jobs/{'0' * 32}/rows.csv", LocalStorage.delete, []
    worker, home = Recorder({}), Home(tmp_path)
    home.uploads.write(key, b"rows")

    def refuse(storage: LocalStorage, removed: str) -> None:
        if not refused:
            refused.append(removed)
            raise StorageError("read-only")
        delete(storage, removed)

    monkeypatch.setattr(LocalStorage, "delete", refuse)
    with watching(home, worker):
        wait_for(lambda: not (tmp_path / key).exists())
    assert worker.handled == [key, key]
    assert f"{key}: read-only" in caplog.text
    assert "Traceback" not in caplog.text


def test_what_has_to_wait_holds_up_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival_loop, "RETRY_SECONDS", 3600.0)
    stuck, others = "uploads/churn/stuck.csv", [f"uploads/churn/{number}.csv" for number in range(5)]
    worker = Recorder({stuck: [LeaseHeldError("another has it")] * 100})
    home = Home(tmp_path)
    home.create(["churn"])
    (tmp_path / stuck).write_text("rows")
    with watching(home, worker):
        for number, key in enumerate(others):
            (tmp_path / key).write_text("rows")
            wait_for(partial(worker.has_handled, number + 2))
    assert sorted(worker.handled) == sorted([stuck, *others])


def test_the_upload_of_an_unknown_job_is_removed(tmp_path: Path) -> None:
    key = f"uploads/churn/jobs/{'0' * 32}/rows.csv"
    worker, home = Recorder({}), Home(tmp_path)
    home.uploads.write(key, b"rows")
    with watching(home, worker):
        wait_for(lambda: not (tmp_path / key).exists())
    assert worker.handled == [key]


def test_the_upload_of_a_job_whose_model_the_trainer_finds_later_is_kept_until_then(
    home: Home, definitions: Mapping[str, Definition], caplog: pytest.LogCaptureFixture
) -> None:
    """The server knew the added folder first, and took the rows."""
    found: dict[str, Definition] = {}
    worker = Worker(found, home.registry, home.uploads)
    job = Submissions(home.registry, home.uploads).submit(definitions[MODEL], b"[]", TrainingRequest())
    with watching(home, worker, found):
        wait_for(lambda: f"{job.upload} waits for the model {MODEL}" in caplog.text)
        assert (home.root / job.upload).exists()
        found[MODEL] = definitions[MODEL]
        wait_for(lambda: Jobs(home.registry.storage).read(MODEL, job.job).is_finished)
    assert Jobs(home.registry.storage).read(MODEL, job.job).state == "refused"


def test_a_trainer_that_is_asked_to_finish_ends_after_the_job_at_hand(tmp_path: Path) -> None:
    finish, home = threading.Event(), Home(tmp_path)

    class Asked(Recorder):
        def handle(self, arrival: Arrival) -> Job | None:
            finish.set()
            return super().handle(arrival)

    home.create(["churn"])
    for number in range(3):
        home.uploads.write(f"uploads/churn/jobs/{number:032}/rows.csv", b"rows")
    worker = Asked({})
    watch(home, ["churn"], cast(Worker, worker), until=finish)
    assert len(worker.handled) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is POSIX; on Windows it kills")
def test_a_trainer_process_ends_by_itself_after_sigterm(tmp_path: Path, root: Path, workspace: Path) -> None:
    """Some supervisors send SIGTERM to every process of a service, and not to the first alone."""
    home = Home(tmp_path)
    home.create(["churn"])
    dropped = tmp_path / "uploads" / "churn" / "rows.csv"
    dropped.write_text("no,header\n")
    models = str(workspace / "models")
    command = [sys.executable, "-m", "functions.local.trainer_process", "--home", str(tmp_path), "--models", models]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # the trainer is at work
        wait_for(lambda: [job for job in Jobs(home.registry.storage).newest_first("churn").entries if job.is_finished])
        process.terminate()
        assert process.wait(30) == 0


def test_a_trainer_that_cannot_start_says_why_and_ends(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "functions.local.trainer_process", "--home", str(tmp_path), "--models", "nowhere"]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        printed = process.stdout.read()  # while the server lives and holds the other end of its standard input
    assert process.returncode == 1
    assert "no folder nowhere" in printed
    assert "Fatal" not in printed


def test_a_trainer_whose_parent_ends_while_it_imports_ends_at_once(tmp_path: Path, root: Path) -> None:
    (tmp_path / "sklearn.py").write_text("import time\ntime.sleep(600)\n")  # an import that never ends
    command = [sys.executable, "-m", "functions.local.trainer_process", "--home", str(tmp_path), "--models", "nowhere"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(command, cwd=root, env=environment, stdin=subprocess.DEVNULL) as process:
        try:
            assert process.wait(60) == 0
        finally:
            process.kill()
