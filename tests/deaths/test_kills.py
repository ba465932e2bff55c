"""SIGKILL at random moments of training, publishing and promoting: the registry stays whole.

DESPLIEGUE_KILLS=300 python -m pytest tests/deaths -s    the full trial, which prints its counts
"""

from __future__ import annotations

import os
import random
import signal
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import orjson
import pytest

from functions.core import training_data
from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.jobs import Jobs
from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local.home import Home

KILLS = int(os.environ.get("DESPLIEGUE_KILLS", "24"))
CHURN = "churn"
SHORT_LEASE_SECONDS = 0.3
Row = dict[str, object]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SKIPPED: this platform has no fork")


def _start(work: Callable[[], None]) -> int:
    """A child process, forked so that the libraries of training are loaded already."""
    with warnings.catch_warnings():
        # newer Pythons warn of threads in the parent; the child uses none of their locks
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def _kill_after(child: int, seconds: float) -> bool:
    """Whether the child was still at work when it was killed."""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _finish(work: Callable[[], None]) -> float:
    started = time.monotonic()
    assert os.waitpid(_start(work), 0)[1] == 0
    return time.monotonic() - started


def _assert_whole(registry: Registry) -> None:
    """Every version has its files as the manifest says, and its rows; production and its history agree."""
    for version in registry.versions(CHURN):
        manifest = registry.manifest(CHURN, version)
        for name in manifest.artifacts:
            registry.artifact(manifest, name)
        assert manifest.data is not None
        training_data.load(registry.storage, manifest.data.digest)
    production = registry.pointer(CHURN).production
    assert production is not None
    assert production.version in registry.versions(CHURN)
    history = registry.history(CHURN)
    assert [one.serial for one in history] == list(range(1, production.serial + 1))
    assert history[-1] == production


def test_a_killed_training_is_finished_by_another_and_leaves_no_second_version(
    home: Home,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from functions.trainer.worker import Worker

    monkeypatch.setattr("functions.core.jobs.LEASE_SECONDS", SHORT_LEASE_SECONDS)
    monkeypatch.setattr("functions.core.jobs.MAX_ATTEMPTS", 1000)
    monkeypatch.setattr("functions.trainer.worker.MAX_ATTEMPTS", 1000)
    chance = random.Random(1)
    registry, jobs = home.registry, Jobs(home.registry.storage)
    submissions = Submissions(registry, home.uploads)
    rows = labelled(CHURN)
    before, killed, duration = len(registry.versions(CHURN)), 0, 0.6
    acknowledged: list[str] = []
    while killed < KILLS:
        body = orjson.dumps(chance.sample(rows, 400))
        job = submissions.submit(definitions[CHURN], body, TrainingRequest(force=True))
        acknowledged.append(job.job)
        arrival = Arrival(job.upload, "", now())

        def work(arrival: Arrival = arrival) -> None:
            Worker(definitions, Home(home.root).registry, home.uploads).handle(arrival)

        for _ in range(chance.randint(1, 3)):
            killed += _kill_after(_start(work), chance.uniform(0, duration))
            _assert_whole(registry)
            time.sleep(SHORT_LEASE_SECONDS)
        duration = max(0.1, _finish(work))
        _assert_whole(registry)
        ended = jobs.read(CHURN, job.job)
        assert ended.state == "succeeded", ended.reason
        assert ended.result is not None
        production = registry.pointer(CHURN).production
        assert production is not None
        assert production.version == ended.result.version
    assert len(registry.versions(CHURN)) == before + len(acknowledged)
    assert all(jobs.read(CHURN, one).state == "succeeded" for one in acknowledged)
    print(f"\n{killed} kills in training: {len(acknowledged)} acknowledged jobs, as many versions, registry whole")


def test_no_acknowledged_promotion_is_lost(home: Home) -> None:
    chance = random.Random(2)
    versions = home.registry.versions(CHURN)
    log = home.root / "acknowledged"
    killed = 0
    while killed < KILLS:

        def work() -> None:
            registry = Registry(LocalStorage(home.root / "registry"))
            with log.open("ab", buffering=0) as acknowledged:
                while True:
                    done = registry.promote_now(CHURN, versions[0], actor="test", pinned=False)
                    acknowledged.write(b"%d\n" % done.serial)

        killed += _kill_after(_start(work), chance.uniform(0.01, 0.15))
        _assert_whole(home.registry)
        serials = {one.serial for one in home.registry.history(CHURN)}
        told = [int(line) for line in log.read_bytes().split()] if log.exists() else []
        assert serials.issuperset(told)
    print(f"\n{killed} kills in promoting: {len(told)} acknowledged promotions, all in the history")


def test_temporary_files_of_the_dead_are_no_objects(home: Home) -> None:
    folder = home.root / "registry" / "models" / CHURN / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    Path(folder, ".a-job.json.x1y2").write_bytes(b"half")
    assert Jobs(home.registry.storage).newest_first(CHURN) == []
