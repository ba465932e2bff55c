"""`serve` as people start it: a process of its own, used by many clients at once."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

import tools.serving
from functions.core.jobs import Jobs
from functions.core.tokens import make_token
from functions.local.home import Home
from functions.local.token_file import TokenFile

ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]
Rows = Callable[[str], list[Row]]

CAR = "/models/car-price"
CLIENTS = 16
PREDICTIONS = 200


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    url: str
    home: Path
    http: httpx.Client

    def version(self) -> int:
        version: int = self.http.get(CAR).json()["data"]["version"]
        return version

    def retrain(self, rows: list[Row]) -> int:
        answer = self.http.post(f"{CAR}/retrain", json=rows)
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        assert data["promoted"], data["reason"]
        version: int = data["version"]
        return version

    def promote(self, version: int) -> None:
        assert self.http.put(f"{CAR}/production", json={"version": version}).status_code == 200


@contextmanager
def serving(workspace: Path, home: Path, *options: str) -> Iterator[Served]:
    with (
        tools.serving.serving(workspace, home, *options) as server,
        httpx.Client(base_url=server.url, timeout=60) as http,
    ):
        yield Served(server.process, server.url, home, http)


@pytest.fixture(scope="module")
def served(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over an empty home: it trains every model on its sample before it answers."""
    with serving(workspace, tmp_path_factory.mktemp("served") / "home", "--model", "churn") as found:
        yield found


@pytest.fixture
def cars(labelled: Rows) -> list[Row]:
    return labelled("car-price")[:800]


@pytest.fixture
def instance(instances: Rows) -> Row:
    return instances("car-price")[0]


def test_a_first_start_trains_and_serves_every_model(served: Served, instances: Rows) -> None:
    models = served.http.get("/models").json()["data"]["models"]
    assert {model["name"]: model["version"] for model in models} == {"car-price": 1, "churn": 1}
    for path, model in ((f"{CAR}/predict", "car-price"), ("/predict", "churn")):
        data = served.http.post(path, json=instances(model)[:3]).json()["data"]
        assert (data["model"], data["version"], len(data["predictions"])) == (model, 1, 3)
    assert (served.home / "uploads" / "churn").is_dir()


def test_all_clients_see_a_retrain_and_a_rollback_in_their_very_next_prediction(
    served: Served, cars: list[Row], instance: Row
) -> None:
    clients = [httpx.Client(base_url=served.url, timeout=60) for _ in range(CLIENTS)]

    def version(client: httpx.Client) -> Any:
        return client.post(f"{CAR}/predict", json=instance).json()["data"]["version"]

    with ThreadPoolExecutor(CLIENTS) as pool:
        before = served.version()
        assert set(pool.map(version, clients)) == {before}
        retrained = served.retrain(cars)
        assert list(pool.map(version, clients)) == [retrained] * CLIENTS
        served.promote(before)
        assert list(pool.map(version, clients)) == [before] * CLIENTS
        served.promote(retrained)
        assert list(pool.map(version, clients)) == [retrained] * CLIENTS
    for client in clients:
        client.close()


def test_a_file_is_predicted_as_requests_are_and_its_predictions_are_looked_up(served: Served, instances: Rows) -> None:
    rows = [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances("churn")[:50])]
    form = served.http.post("/models/churn/batches", json={"file_name": "customers.jsonl"}).json()["data"]
    lines = "".join(f"{json.dumps(row)}\n" for row in rows)
    posted = served.http.post(form["url"], data=form["fields"], files={"file": ("customers.jsonl", lines.encode())})
    assert posted.status_code == 204
    deadline = time.monotonic() + 120
    while not (batch := served.http.get(f"/models/churn/batches/{form['batch']}").json()["data"])["answers"]:
        assert time.monotonic() < deadline, batch
        time.sleep(0.1)
    asked = {"ids": [row["customerid"] for row in rows]}
    found = served.http.post("/models/churn/predictions", json=asked).json()["data"]["predictions"]
    answered = served.http.post("/models/churn/predict", json=rows).json()["data"]["predictions"]
    assert [one["prediction"] for one in found] == answered
    (link,) = batch["results"]["links"]
    results = [json.loads(line) for line in gzip.decompress(served.http.get(link["url"]).content).splitlines()]
    assert [one["prediction"] for one in results] == answered


@dataclass(slots=True)
class Promotions:
    """The versions that were put in production, in order: all requested ones, and the number of answers."""

    requested: list[int]
    answered: int = 1
    stale: list[str] = field(default_factory=list)

    def run(self, version: int, promote: Callable[[], object]) -> None:
        self.requested.append(version)
        promote()
        self.answered += 1


def test_no_prediction_is_stale_or_fails_while_production_changes(
    served: Served, cars: list[Row], instance: Row
) -> None:
    promotions = Promotions([served.version()])
    enough = threading.Event()
    counter = iter(range(PREDICTIONS))

    def predict(_: int) -> int:
        done = 0
        with httpx.Client(base_url=served.url, timeout=60) as client:
            while next(counter, None) is not None or not enough.is_set():
                known = promotions.answered
                answer = client.post(f"{CAR}/predict", json=[instance] * 3)
                allowed = promotions.requested[known - 1 :]
                if answer.status_code != 200 or answer.json()["data"]["version"] not in allowed:
                    promotions.stale.append(f"{answer.text} instead of one of {allowed}")
                done += 1
        return done

    with ThreadPoolExecutor(8) as pool:
        counts = pool.map(predict, range(8))
        for round_ in range(5):
            newest = max(one["version"] for one in served.http.get(f"{CAR}/versions").json()["data"]["versions"])
            promotions.run(newest + 1, partial(served.retrain, cars[round_ + 1 :]))
            for version in (newest, newest + 1, 1):
                promotions.run(version, partial(served.promote, version))
        enough.set()
        total = sum(counts)
    assert promotions.stale == []
    assert total >= PREDICTIONS
    assert promotions.answered == len(promotions.requested) == 21


def test_a_dropped_file_is_trained_on(served: Served, workspace: Path) -> None:
    before = served.version()
    target = served.home / "uploads" / "car-price" / "more.csv"
    shutil.copy(workspace / "models" / "car-price" / "sample.csv", target)
    job = wait_for_job(served, lambda job: job["actor"] == "upload")
    assert (job["state"], job["promoted"]) == ("succeeded", True)
    assert served.version() == job["version"] > before
    assert target.is_file()


def wait_for_job(served: Served, chosen: Callable[[Row], bool]) -> Row:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        jobs: list[Row] = served.http.get(f"{CAR}/jobs").json()["data"]["jobs"]
        ended = [job for job in jobs if chosen(job) and job["state"] not in ("waiting", "queued", "running")]
        if ended:
            return ended[0]
        time.sleep(0.05)
    raise AssertionError("no such job ended")


def test_real_rows_are_read_as_they_are(served: Served, real_data: Path) -> None:
    with (real_data / "churn" / "telco_churn.csv").open("rb") as file:
        form = served.http.post("/models/churn/uploads?force=true").json()["data"]
        posted = httpx.post(form["url"], data=form["fields"], files={"file": file})
    assert posted.status_code == 204
    deadline = time.monotonic() + 60
    while (job := served.http.get(f"/models/churn/jobs/{form['job']}").json()["data"])["state"] in (
        "waiting",
        "queued",
        "running",
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (job["state"], sum(job["rows"].values())) == ("succeeded", 7043)


def test_an_acknowledged_job_outlives_its_server(
    workspace: Path, trained_home: Home, tmp_path: Path, cars: list[Row]
) -> None:
    home = tmp_path / "home"
    shutil.copytree(trained_home.root, home)
    with serving(workspace, home) as first:
        answer = first.http.post(f"{CAR}/retrain", json=cars, headers={"Prefer": "respond-async"})
        first.process.kill()
        first.process.wait(30)
    assert answer.status_code == 202
    with serving(workspace, home) as second:
        assert second.http.get(answer.headers["location"]).status_code == 200
        job = wait_for_job(second, lambda job: job["job"] == answer.json()["data"]["job"])
        assert (job["state"], job["version"]) == ("succeeded", 2)
        assert second.version() == 2
        assert second.http.get(f"{CAR}/versions").json()["data"]["total"] == 2


def test_a_port_in_use_is_reported(workspace: Path, served: Served) -> None:
    port = served.url.rpartition(":")[2]
    command = [sys.executable, "-m", "model_export.commands.main", "serve", "--port", port]
    environment = {**os.environ, "DESPLIEGUE_HOME": str(served.home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_trainer_writes_can_be_read_by_people(served: Served) -> None:
    log = (served.home.parent / "server.log").read_text()
    assert re.search(
        r"trainer INFO car-price job [0-9a-f]{32} succeeded: version \d+ promoted: the gate let it pass", log
    )
    assert "Traceback" not in log


def test_a_folder_that_is_copied_to_a_running_server_gets_its_first_version(tmp_path: Path, instances: Rows) -> None:
    models = tmp_path / "work" / "models"
    models.mkdir(parents=True)
    with serving(models.parent, tmp_path / "home") as found:
        assert found.http.get("/models").json()["data"]["models"] == []
        shutil.copytree(ROOT / "models" / "churn", models / "churn", ignore=shutil.ignore_patterns("__pycache__"))
        deadline = time.monotonic() + 120
        while (answer := found.http.post("/models/churn/predict", json=instances("churn")[:1])).status_code != 200:
            assert answer.status_code in (404, 503), answer.text
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.1)
        assert answer.json()["data"]["version"] == 1
        (job,) = found.http.get("/models/churn/jobs").json()["data"]["jobs"]
        assert job["actor"] == "sample"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is POSIX; on Windows it kills")
def test_a_server_for_others_checks_tokens_and_finishes_what_it_does_when_sigterm_comes(
    workspace: Path, trained_home: Home, tmp_path: Path, cars: list[Row]
) -> None:
    home, file = tmp_path / "home", tmp_path / "tokens.json"
    shutil.copytree(trained_home.root, home)
    record, token = make_token("nightly", ["train", "predict"], now=datetime.now(UTC))
    TokenFile(file).update(lambda tokens: tokens.with_token(record, datetime.now(UTC)))
    with serving(workspace, home, "--host", "0.0.0.0", "--tokens", str(file)) as found:  # noqa: S104
        assert found.http.get("/ready?all=true").status_code == 200
        assert found.http.post(f"{CAR}/retrain", json=cars).status_code == 401
        headers = {"Authorization": f"Bearer {token}", "Prefer": "respond-async"}
        assert found.http.post(f"{CAR}/retrain?force=true", json=cars, headers=headers).status_code == 202
        jobs = Jobs(Home(home).registry.storage)
        deadline = time.monotonic() + 60
        while not any(job.state == "running" for job in jobs.newest_first("car-price").entries):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        found.process.terminate()
        assert found.process.wait(30) == 0
    job = jobs.newest_first("car-price").entries[0]
    assert (job.state, job.actor) == ("succeeded", "nightly")
