"""SIGKILL, SIGSTOP and races of processes over a registry on S3: it stays whole, as a folder does.

DESPLIEGUE_KILLS=300 python -m pytest tests/deaths/test_deaths_on_s3.py -s    the full trial, which prints its counts

Workers come from a server of processes that has loaded what they need and has never used S3: a process that was forked
after it had used S3 cannot use it.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import ConflictError
from functions.core.jobs import Job, Jobs, LeaseHeldError
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local.home import Home
from tests.deaths.processes import assert_whole
from tests.deaths.test_takeovers import NOTICED, UNNOTICED, asleep_at_call, asleep_at_stage
from tests.object_storage import CHURN as CHURN_FOLDER

KILLS = int(os.environ.get("DESPLIEGUE_KILLS", "6"))
KILLS_A_BUCKET = 25
"""More in one bucket would be spent on reading all that is in it after each."""
BUCKETS = [min(KILLS_A_BUCKET, KILLS - done) for done in range(0, KILLS, KILLS_A_BUCKET)]
LEASE_SECONDS = 1.0
CHURN = "churn"
RACERS, ROUNDS = 6, 5
PRELOADED = ["tests.deaths.test_deaths_on_s3", "functions.trainer.worker", "model_export.training"]
Row = dict[str, object]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="SKIPPED: this platform has no /proc")


@dataclass(frozen=True)
class Place:
    """A bucket, as a picklable fact; each process opens it by itself."""

    bucket: str
    variables: Mapping[str, str]

    @property
    def registry(self) -> Registry:
        return Registry(S3Storage(self.bucket, "registry", self.variables))

    @property
    def uploads(self) -> S3Storage:
        return S3Storage(self.bucket, "", self.variables)


class Processes:
    """Starter of processes from the server that has never used S3."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self.started: list[BaseProcess] = []

    def start(self, work: Callable[..., None], *arguments: Any) -> BaseProcess:
        """A process that is at work now: what it took to start is not a time to be killed in."""
        is_running = self._context.Event()
        process: BaseProcess = self._context.Process(target=_run, args=(is_running, work, *arguments))
        process.start()
        self.started.append(process)
        assert is_running.wait(60)
        return process


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    for process in processes.started:
        process.kill()
        process.join()


@pytest.fixture
def place(bucket: str, aws_variables: dict[str, str], trained_home: Home) -> Place:
    """A copy of the trained registry, which has version 1 of churn in production."""
    place = Place(bucket, aws_variables)
    root = trained_home.root / "registry"
    for path in sorted(one for folder in (f"models/{CHURN}", "data") for one in (root / folder).rglob("*")):
        if path.is_file():
            place.registry.storage.create(path.relative_to(root).as_posix(), path.read_bytes())
    return place


def _submit(place: Place, definition: Definition, rows: list[Row]) -> Job:
    submissions = Submissions(place.registry, place.uploads)
    return submissions.submit(definition, orjson.dumps(rows), TrainingRequest(force=True))


def _work(place: Place, upload: str, sleeper: tuple[str, str, bool] | None = None) -> None:
    """Work on a job; fall asleep at a stage or a call. The exit status says whether another had the job."""
    from functions.trainer.worker import Worker

    patch = pytest.MonkeyPatch()
    patch.setattr("functions.core.jobs.LEASE_SECONDS", LEASE_SECONDS)
    patch.setattr("functions.core.jobs.MAX_ATTEMPTS", 1000)
    if sleeper is not None:
        kind, name, is_before = sleeper
        if kind == "stage":
            asleep_at_stage(patch, name, recorded_before=not is_before)
        else:
            asleep_at_call(patch, name, done_before=not is_before)
    try:
        Worker({CHURN: load_definition(CHURN_FOLDER)}, place.registry, place.uploads).handle(Arrival(upload, "", now()))
    except LeaseHeldError:
        os._exit(NOTICED)
    os._exit(UNNOTICED)


def _publish_for_ever(place: Place, log: Path) -> None:
    """Publish version 1 again and again, each time under the next number."""
    registry = place.registry
    first = registry.manifest(CHURN, 1)
    files = {name: registry.artifact(first, name) for name in first.artifacts}
    with log.open("ab", buffering=0) as acknowledged:
        while True:
            version = registry.claim(CHURN)
            acknowledged.write(b"%d\n" % registry.publish(replace(first, version=version), files).version)


def _promote_for_ever(place: Place, log: Path) -> None:
    registry = place.registry
    with log.open("ab", buffering=0) as acknowledged:
        while True:
            acknowledged.write(b"%d\n" % registry.promote_now(CHURN, 1, actor="test", pinned=False).serial)


def _race(place: Place, log: Path) -> None:
    registry = place.registry
    with log.open("ab", buffering=0) as acknowledged:
        for _ in range(ROUNDS):
            acknowledged.write(b"claim %d\n" % registry.claim(CHURN))
            with suppress(ConflictError):  # lost to others again and again
                done = registry.promote_now(CHURN, 1, actor=str(os.getpid()), pinned=False)
                acknowledged.write(b"promotion %d\n" % done.serial)


def _run(is_running: Event, work: Callable[..., None], *arguments: Any) -> None:
    is_running.set()
    work(*arguments)


def _killed_after(process: BaseProcess, seconds: float) -> bool:
    """Return True if the process was still at work when it was killed."""
    process.join(seconds)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def _finished(process: BaseProcess) -> float:
    started = time.monotonic()
    process.join()
    assert process.exitcode == UNNOTICED
    return time.monotonic() - started


def _lines(log: Path) -> list[bytes]:
    """The acknowledged lines; the last one may be half written."""
    return log.read_bytes().split(b"\n")[:-1] if log.exists() else []


def _until_asleep(process: BaseProcess) -> None:
    deadline = time.monotonic() + 60
    while Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "T":
        assert process.is_alive(), "the worker ended without falling asleep"
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("seed", "kills"), [*enumerate(BUCKETS)])
def test_a_killed_training_is_finished_by_another_and_leaves_no_second_version(
    place: Place,
    processes: Processes,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    seed: int,
    kills: int,
) -> None:
    rows, chance, jobs = labelled(CHURN), random.Random(seed), Jobs(place.registry.storage)
    killed, duration = 0, 1.0
    acknowledged: list[str] = []
    while killed < kills:
        job = _submit(place, definitions[CHURN], chance.sample(rows, 400))
        acknowledged.append(job.job)
        for _ in range(chance.randint(1, 3)):
            killed += _killed_after(processes.start(_work, place, job.upload), chance.uniform(0, duration))
            assert_whole(place.registry, CHURN)
            time.sleep(LEASE_SECONDS)
        duration = _finished(processes.start(_work, place, job.upload))
        ended = jobs.read(CHURN, job.job)
        assert ended.state == "succeeded", ended.reason
        assert ended.result is not None
        production = place.registry.pointer(CHURN).production
        assert production is not None
        assert production.version == ended.result.version
        assert_whole(place.registry, CHURN)
    assert len(place.registry.versions(CHURN)) == 1 + len(acknowledged)
    print(
        f"\n{killed} kills in training on S3: {len(acknowledged)} acknowledged jobs, as many versions, registry whole"
    )


@pytest.mark.parametrize(("seed", "kills"), [*enumerate(BUCKETS)])
def test_a_killed_publication_is_a_gap_and_no_acknowledged_version_is_lost(
    place: Place, processes: Processes, tmp_path: Path, seed: int, kills: int
) -> None:
    chance, log, killed = random.Random(seed), tmp_path / "acknowledged", 0
    registry = place.registry
    while killed < kills:
        killed += _killed_after(processes.start(_publish_for_ever, place, log), chance.uniform(0.05, 0.5))
        versions, acknowledged = registry.versions(CHURN), [int(line) for line in _lines(log)]
        assert len(acknowledged) == len(set(acknowledged))
        assert set(versions).issuperset(acknowledged)
        assert len(versions) <= 1 + len(acknowledged) + killed  # at most one more for each death
    assert len(acknowledged) > 0
    assert_whole(registry, CHURN)
    print(f"\n{killed} kills in publishing on S3: {len(acknowledged)} acknowledged of {len(versions) - 1}, whole")


@pytest.mark.parametrize(("seed", "kills"), [*enumerate(BUCKETS)])
def test_no_acknowledged_promotion_is_lost(
    place: Place, processes: Processes, tmp_path: Path, seed: int, kills: int
) -> None:
    chance, log, killed = random.Random(seed), tmp_path / "acknowledged", 0
    while killed < kills:
        killed += _killed_after(processes.start(_promote_for_ever, place, log), chance.uniform(0.05, 0.4))
        assert_whole(place.registry, CHURN)
        serials = {one.serial for one in place.registry.history(CHURN)}
        acknowledged = [int(line) for line in _lines(log)]
        assert serials.issuperset(acknowledged)
    assert len(acknowledged) > 0
    print(f"\n{killed} kills in promoting on S3: {len(acknowledged)} acknowledged promotions, all in the history")


def test_of_processes_at_once_each_gets_a_number_of_its_own_and_every_promotion_is_kept(
    place: Place, processes: Processes, tmp_path: Path
) -> None:
    logs = [tmp_path / str(number) for number in range(RACERS)]
    racers = [processes.start(_race, place, log) for log in logs]
    for racer in racers:
        racer.join()
    assert [racer.exitcode for racer in racers] == [0] * RACERS
    done = [line.split() for log in logs for line in _lines(log)]
    claimed = sorted(int(number) for kind, number in done if kind == b"claim")
    promoted = sorted(int(number) for kind, number in done if kind == b"promotion")
    assert claimed == list(range(2, 2 + RACERS * ROUNDS))
    assert promoted == list(range(2, 2 + len(promoted)))
    assert len(promoted) >= ROUNDS
    assert_whole(place.registry, CHURN)


@pytest.mark.parametrize(
    "sleeper",
    [("stage", "fit", True), ("stage", "promote", True), ("call", "publish", False), ("call", "promote", False)],
    ids=["before fit", "before promote", "after publishing", "after promoting"],
)
def test_a_worker_that_slept_while_another_finished_its_job_changes_nothing(
    place: Place,
    processes: Processes,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    sleeper: tuple[str, str, bool],
) -> None:
    job = _submit(place, definitions[CHURN], labelled(CHURN)[:400])
    asleep = processes.start(_work, place, job.upload, sleeper)
    _until_asleep(asleep)
    time.sleep(LEASE_SECONDS)
    _finished(processes.start(_work, place, job.upload))
    jobs = Jobs(place.registry.storage)
    finished = jobs.read(CHURN, job.job)
    assert asleep.pid is not None
    os.kill(asleep.pid, signal.SIGCONT)
    asleep.join()
    assert asleep.exitcode == NOTICED
    assert jobs.read(CHURN, job.job) == finished
    assert (finished.state, finished.attempts) == ("succeeded", 2)
    assert finished.result is not None
    assert place.registry.versions(CHURN) == [1, finished.result.version]
    assert [one.version for one in place.registry.history(CHURN)] == [1, finished.result.version]
    assert_whole(place.registry, CHURN)
