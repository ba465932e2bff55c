"""A home on a disk that fills up or becomes read-only: what served goes on, and every refusal says why."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import DiskError
from functions.core.jobs import Jobs, Result
from functions.core.registry import Registry
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local.application import local_application
from functions.local.home import Home
from functions.trainer.worker import Worker
from model_export import training
from tests.disks import Disk
from tools.serving import serving

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
CAR = "/models/car-price"
MODEL = "car-price"
LEASE_SECONDS = 0.3
FULL, READ_ONLY = "No space left on device: free some space", "Read-only file system: make it writable"


@pytest.fixture
def home(trained_home: Home, disk: Disk) -> Home:
    """A copy of the trained home that is a disk of its own."""
    shutil.copytree(trained_home.root, disk.path, dirs_exist_ok=True)
    return Home(disk.path)


@pytest.fixture
def client(
    home: Home, definitions: Mapping[str, Definition], connect: Callable[[ASGIApp], httpx.Client]
) -> httpx.Client:
    """The application over that home, without a trainer."""
    return connect(local_application(home, definitions, base_url="http://localhost"))


def assert_unavailable(answer: httpx.Response, reason: str, home: Home) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    (error,) = answer.json()["errors"]
    assert reason in error["msg"]
    assert str(home.root) not in answer.text
    assert error["type"] == "disk"


def assert_no_half_objects(home: Home) -> None:
    assert [path for path in home.root.rglob(".*") if path.is_file()] == []
    for model in ("car-price", "churn"):
        for version in home.registry.versions(model):
            manifest = home.registry.manifest(model, version)
            for name in manifest.artifacts:
                home.registry.artifact(manifest, name)


def assert_it_serves(client: httpx.Client, instances: Rows, version: int = 1) -> None:
    answer = client.post(f"{CAR}/predict", json=instances(MODEL)[0])
    assert (answer.status_code, answer.json()["data"]["version"]) == (200, version)
    for path in ("/models", CAR, f"{CAR}/versions", f"{CAR}/jobs", f"{CAR}/history", f"{CAR}/performance"):
        assert client.get(path).status_code == 200, path


def every_change(client: httpx.Client, rows: list[Row]) -> list[Callable[[], httpx.Response]]:
    return [
        lambda: client.post(f"{CAR}/retrain", json=rows),
        lambda: client.post(f"{CAR}/uploads", json={}),
        lambda: client.put(f"{CAR}/production", json={"version": 1}),
    ]


def test_on_a_full_disk_every_change_is_unavailable_with_the_reason(
    client: httpx.Client, home: Home, disk: Disk, labelled: Rows, instances: Rows
) -> None:
    assert_it_serves(client, instances)
    form = client.post(f"{CAR}/uploads", json={"file_name": "rows.json"}).json()["data"]
    rows = labelled(MODEL)[:800]
    disk.fill()
    for change in every_change(client, rows):
        assert_unavailable(change(), FULL, home)
    file = {"file": ("rows.json", orjson.dumps(rows))}
    assert_unavailable(client.post("/local-uploads", data=form["fields"], files=file), FULL, home)
    assert_it_serves(client, instances)
    assert_no_half_objects(home)
    assert home.registry.history(MODEL)[-1].serial == 1
    disk.free()
    assert client.post("/local-uploads", data=form["fields"], files=file).status_code == 204
    assert client.put(f"{CAR}/production", json={"version": 1}).status_code == 200


@pytest.mark.parametrize(
    ("stage", "leave_bytes"), [("read", 16384), ("validate", 16384), ("publish", 16384), ("publish", 0), ("promote", 0)]
)
def test_a_full_disk_during_training_changes_nothing_and_the_job_is_done_once_there_is_space(
    client: httpx.Client,
    home: Home,
    disk: Disk,
    definitions: Mapping[str, Definition],
    labelled: Rows,
    instances: Rows,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    leave_bytes: int,
) -> None:
    monkeypatch.setattr("functions.core.jobs.LEASE_SECONDS", LEASE_SECONDS)
    request = TrainingRequest(force=True)
    job = Submissions(home.registry, home.uploads).submit(
        definitions[MODEL], orjson.dumps(labelled(MODEL)[:800]), request
    )
    arrival = Arrival(job.upload, "", now())

    def train(registry: Registry, run: training.TrainingRun) -> Result:
        def progress(reached: str, fraction: float) -> None:
            run.progress(reached, fraction)
            if reached == stage:
                disk.fill(leave_bytes=leave_bytes)

        if stage == "read":
            disk.fill(leave_bytes=leave_bytes)
        return training.train(registry, replace(run, progress=progress))

    with pytest.raises(DiskError, match=FULL):
        Worker(definitions, home.registry, home.uploads, train=train).handle(arrival)
    assert_it_serves(client, instances)
    assert_no_half_objects(home)
    left = Jobs(home.registry.storage).read(MODEL, job.job)
    if leave_bytes:
        assert left.state == "queued"
        assert FULL in str(left.reason)
        assert str(home.root) not in str(left.reason)
    else:  # there was no space for the reason either: the lease ends, and the job is taken up again
        assert left.state == "running"
    disk.free()
    time.sleep(LEASE_SECONDS)
    done = Worker(definitions, home.registry, home.uploads).handle(arrival)
    assert done is not None
    assert (done.state, done.result and done.result.promoted) == ("succeeded", True)
    assert done.result is not None
    assert_it_serves(client, instances, done.result.version)
    assert home.registry.versions(MODEL) == [1, done.result.version]
    assert_no_half_objects(home)


def test_a_server_bears_a_full_disk_and_one_that_becomes_read_only(
    workspace: Path, home: Home, disk: Disk, labelled: Rows, instances: Rows
) -> None:
    """The processes that people start, their trainer among them, on one disk after the other trouble."""
    rows = labelled(MODEL)[:800]
    with (
        serving(workspace, home.root) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        for version, (begin, end, reason) in enumerate(
            [(disk.fill, disk.free, FULL), (disk.make_read_only, disk.make_writable, READ_ONLY)], start=1
        ):
            begin()
            for change in every_change(client, rows):
                assert_unavailable(change(), reason, home)
            assert_it_serves(client, instances, version)
            end()
            answer = client.post(f"{CAR}/retrain", json=rows)
            assert answer.status_code == 200, answer.text
            assert answer.json()["data"]["promoted"]
            assert_it_serves(client, instances, version + 1)
        assert server.process.poll() is None
        log = server.log.read_text()
    assert_no_half_objects(home)
    assert "Traceback" not in log
    assert "died" not in log
