"""SIGKILL at random moments of training, publishing and promoting: the registry stays whole.

DESPLIEGUE_KILLS=300 python -m pytest tests/deaths -s    the full trial, which prints its counts
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.jobs import Jobs
from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local.home import Home
from tests.deaths.processes import assert_whole, start

KILLS, JOB_KILLS, COMMAND_KILLS = (int(os.environ.get("DESPLIEGUE_KILLS", usual)) for usual in (24, 12, 8))
"""The kills of writes alone, of jobs that train, and of whole commands: one of the last two takes a second or more."""
CHURN = "churn"
SHORT_LEASE_SECONDS = 0.3
Row = dict[str, object]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SKIPPED: this platform has no fork")


def _kill_after(child: int, seconds: float) -> bool:
    """Return True if the child was still at work when it was killed."""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _finish(work: Callable[[], None]) -> float:
    started = time.monotonic()
    assert os.waitpid(start(work), 0)[1] == 0
    return time.monotonic() - started


def test_a_killed_training_is_finished_by_another_and_leaves_no_second_version(
    home: Home,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from functions.trainer.worker import Worker

    monkeypatch.setattr("functions.core.jobs.LEASE_SECONDS", SHORT_LEASE_SECONDS)
    monkeypatch.setattr("functions.core.jobs.MAX_ATTEMPTS", 1000)
    chance = random.Random(1)
    registry, jobs = home.registry, Jobs(home.registry.storage)
    submissions = Submissions(registry, home.uploads)
    rows = labelled(CHURN)
    before, killed, duration = len(registry.versions(CHURN)), 0, 0.6
    acknowledged: list[str] = []
    while killed < JOB_KILLS:
        body = orjson.dumps(chance.sample(rows, 400))
        job = submissions.submit(definitions[CHURN], body, TrainingRequest(force=True))
        acknowledged.append(job.job)
        arrival = Arrival(job.upload, "", now())

        def work(arrival: Arrival = arrival) -> None:
            Worker(definitions, Home(home.root).registry, home.uploads).handle(arrival)

        for _ in range(chance.randint(1, 3)):
            killed += _kill_after(start(work), chance.uniform(0, duration))
            assert_whole(registry, CHURN)
            time.sleep(SHORT_LEASE_SECONDS)
        duration = max(0.1, _finish(work))
        assert_whole(registry, CHURN)
        ended = jobs.read(CHURN, job.job)
        assert ended.state == "succeeded", ended.reason
        assert ended.result is not None
        production = registry.pointer(CHURN).production
        assert production is not None
        assert production.version == ended.result.version
    assert len(registry.versions(CHURN)) == before + len(acknowledged)
    assert all(jobs.read(CHURN, one).state == "succeeded" for one in acknowledged)
    print(f"\n{killed} kills in training: {len(acknowledged)} acknowledged jobs, as many versions, registry whole")


def _publish_for_ever(home: Home, definition: Definition, candidate: Any, log: Path) -> None:
    from model_export.publishing import publish_candidate

    registry = Registry(LocalStorage(home.root / "registry"))
    with log.open("ab", buffering=0) as acknowledged:
        while True:
            acknowledged.write(b"%d\n" % publish_candidate(registry, definition, candidate, None).version)


def _published(log: Path) -> list[int]:
    """The numbers that were acknowledged; the last line may be half written."""
    return [int(line) for line in log.read_bytes().split(b"\n")[:-1]] if log.exists() else []


def test_a_killed_publication_is_a_gap_and_no_acknowledged_version_is_lost(
    home: Home, definitions: Mapping[str, Definition], labelled: Callable[[str], list[Row]]
) -> None:
    from model_export.pipelines.candidate import fit_candidate

    rows = labelled(CHURN)[:200]
    table = {name: [row[name] for row in rows] for name in rows[0]}
    candidate = fit_candidate(definitions[CHURN], table, table, lambda stage, share: None)
    chance, log, killed = random.Random(3), home.root / "acknowledged", 0
    work = partial(_publish_for_ever, home, definitions[CHURN], candidate, log)
    while killed < KILLS:
        killed += _kill_after(start(work), chance.uniform(0.01, 0.1))
        versions = home.registry.versions(CHURN)
        acknowledged = _published(log)
        assert len(acknowledged) == len(set(acknowledged))
        assert set(versions).issuperset(acknowledged)
        assert len(versions) <= 1 + len(acknowledged) + killed  # at most one more for each death
    assert_whole(home.registry, CHURN)
    production = home.registry.pointer(CHURN).production
    assert production is not None
    assert production.version == 1
    claimed = home.registry.claim(CHURN) - 1
    print(
        f"\n{killed} kills in publishing: {len(acknowledged)} acknowledged of {len(versions) - 1}, "
        f"{claimed} numbers, whole"
    )


def test_a_killed_publish_command_leaves_the_old_version_or_the_new_one_in_production(
    home: Home, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_export.commands.main import main

    monkeypatch.setenv("DESPLIEGUE_HOME", str(home.root))
    monkeypatch.chdir(workspace)
    path = home.root / "mine.joblib"
    path.write_bytes(home.registry.artifact(home.registry.manifest(CHURN, 1), "model.joblib"))
    sample = workspace / "models" / CHURN / "sample.csv"
    arguments = ["publish", CHURN, "--joblib", str(path), "--data", str(sample), "--promote"]

    def work() -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.dup2(2, 1)
        assert main(arguments) == 0

    chance, killed = random.Random(4), 0
    duration, finished = _finish(work), 1
    while killed < COMMAND_KILLS:
        # most of the command is reading and proving: half of the kills come where it writes
        earliest = chance.choice([0.0, 0.8 * duration])
        was_killed = _kill_after(start(work), chance.uniform(earliest, 1.1 * duration))
        killed, finished = killed + was_killed, finished + (not was_killed)
        assert_whole(home.registry, CHURN)
    _finish(work)
    assert_whole(home.registry, CHURN)
    versions = home.registry.versions(CHURN)
    production = home.registry.pointer(CHURN).production
    assert production is not None
    assert production.version == versions[-1]
    print(f"\n{killed} kills of despliegue publish: {finished + 1} finished, {len(versions) - 1} versions, whole")


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

        killed += _kill_after(start(work), chance.uniform(0.01, 0.15))
        assert_whole(home.registry, CHURN)
        serials = {one.serial for one in home.registry.history(CHURN)}
        acknowledged = [int(line) for line in log.read_bytes().split()] if log.exists() else []
        assert serials.issuperset(acknowledged)
    print(f"\n{killed} kills in promoting: {len(acknowledged)} acknowledged promotions, all in the history")


def test_temporary_files_of_the_dead_are_no_objects(home: Home) -> None:
    folder = home.root / "registry" / "models" / CHURN / "jobs"
    folder.mkdir(parents=True, exist_ok=True)
    Path(folder, ".a-job.json.x1y2").write_bytes(b"half")
    assert Jobs(home.registry.storage).newest_first(CHURN).entries == []
