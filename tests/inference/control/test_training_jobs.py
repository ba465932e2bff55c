"""The jobs of retraining over HTTP: their places, their keys, their lists, and how long a request waits for one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from functions.core.definition import Definition
from functions.core.jobs import Job, Jobs, job_id
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.inference.control.training import pause_seconds
from functions.local.application import local_application
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from tests.batching import local_batching
from tests.inference.control.retraining import ASYNC, CAR, CHURN, REGRESSION, Connect, Row, finished, post, version_of


@pytest.mark.parametrize("prefer", ["respond-async", "Respond-Async, wait=5", "return=minimal, respond-async"])
def test_respond_async_answers_at_once_with_the_place_of_the_job(
    idle: httpx.Client, cars: list[Row], prefer: str
) -> None:
    answer = idle.post(f"{CAR}/retrain", json=cars, headers={"Prefer": prefer})
    job = answer.json()["data"]
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{CAR}/jobs/{job['job']}"
    assert (job["state"], job["model"], job["actor"], job["progress"]) == ("queued", "car-price", "local", 0)
    assert idle.get(answer.headers["location"]).json()["data"] == job


def test_a_job_shows_how_it_ended(client: httpx.Client, cars: list[Row]) -> None:
    answer = client.post(f"{CAR}/retrain", json=cars, headers=ASYNC)
    job = finished(client, answer.headers["location"])
    assert (job["state"], job["stage"], job["progress"]) == ("succeeded", "succeeded", 1)
    assert (job["version"], job["promoted"], job["attempts"], job["errors"]) == (2, True, 1, [])
    assert job["metrics"].keys() == REGRESSION
    assert sum(job["rows"].values()) == len(cars)
    assert job["created"] <= job["updated"]


def test_a_job_longer_than_the_wait_is_answered_with_its_place(
    home: Home, definitions: Mapping[str, Definition], connect: Connect, cars: list[Row]
) -> None:
    registry = home.registry
    control = Control(
        definitions=definitions,
        registry=registry,
        submissions=Submissions(registry, home.uploads),
        links=LocalUploadLinks(home.uploads),
        batching=local_batching(registry, home.uploads),
        wait_seconds=0.2,
        poll_seconds=0.05,
    )
    answer = connect(create_application(fastapi_app(control_routers(control)))).post(f"{CAR}/retrain", json=cars)
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{CAR}/jobs/{answer.json()['data']['job']}"


def test_an_idempotency_key_makes_one_job_of_a_repeated_request(client: httpx.Client, cars: list[Row]) -> None:
    headers = {"Idempotency-Key": "order 66"}
    first, again = (post(client, f"{CAR}/retrain", cars, headers=headers) for _ in range(2))
    assert first == again
    assert version_of(client, CAR) == first["version"] == 2


def test_without_a_key_a_promoted_retrain_can_be_repeated(client: httpx.Client, cars: list[Row]) -> None:
    assert [post(client, f"{CAR}/retrain", cars)["version"] for _ in range(2)] == [2, 3]


@pytest.mark.parametrize("change", ["rows", "force", "mode"])
def test_an_idempotency_key_of_another_request_is_refused(idle: httpx.Client, cars: list[Row], change: str) -> None:
    headers = {**ASYNC, "Idempotency-Key": "key"}
    post(idle, f"{CAR}/retrain", cars, 202, headers=headers)
    body = cars[1:] if change == "rows" else cars
    query = {"force": "?force=true", "mode": "?mode=extend"}.get(change, "")
    (error,) = post(idle, f"{CAR}/retrain{query}", body, 422, headers=headers)
    assert error["loc"] == ["header", "idempotency-key"]
    assert error["type"] == "idempotency_key_reused"
    assert idle.get(f"{CAR}/jobs").json()["data"]["total"] == 1


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_an_idempotency_key_has_a_length(idle: httpx.Client, cars: list[Row], key: str) -> None:
    (error,) = post(idle, f"{CAR}/retrain", cars, 422, headers={"Idempotency-Key": key})
    assert error["loc"] == ["header", "idempotency-key"]


def test_jobs_are_listed_newest_first_in_pages(idle: httpx.Client, cars: list[Row]) -> None:
    names = [post(idle, f"{CAR}/retrain", cars[start:], 202, headers=ASYNC)["job"] for start in range(5)]
    pages = [idle.get(f"{CAR}/jobs?page={page}&page_size=2").json()["data"] for page in (1, 2, 3, 4)]
    assert [job["job"] for page in pages for job in page["jobs"]] == names[::-1]
    assert [(page["page"], page["page_size"], page["total"], len(page["jobs"])) for page in pages] == [
        (1, 2, 5, 2),
        (2, 2, 5, 2),
        (3, 2, 5, 1),
        (4, 2, 5, 0),
    ]
    assert idle.get(f"{CHURN}/jobs").json()["data"]["total"] == 0


@pytest.mark.parametrize(
    ("query", "loc"),
    [("page=0", "page"), ("page=x", "page"), ("page_size=0", "page_size"), ("page_size=201", "page_size")],
)
def test_pages_are_counted_from_one_and_limited(reading: httpx.Client, query: str, loc: str) -> None:
    for name in ("jobs", "versions", "history"):
        answer = reading.get(f"{CAR}/{name}?{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["query", loc]


def test_a_wait_looks_at_once_and_then_ever_more_slowly() -> None:
    waited, looks = 0.0, 0
    while waited < 25:
        pause = pause_seconds(waited, 0.05)
        assert pause <= max(0.05, waited / 10)
        waited, looks = waited + pause, looks + 1
    assert looks < 60
    assert pause_seconds(0.1, 0.05) == 0.05


def test_a_list_of_jobs_has_the_first_faults_of_each_and_their_number(idle: httpx.Client, home: Home) -> None:
    """Fifty refused files with 1000 faults each are more than Lambda can answer."""
    faults = tuple({"loc": [row, "fuel"], "msg": "unknown fuel", "type": "unknown"} for row in range(1000))
    jobs = Jobs(home.registry.storage)
    for number in range(50):
        moment = f"2026-01-01T00:00:{number:02}Z"
        record = Job(
            job=job_id(number),
            model="churn",
            upload=f"uploads/churn/{number}.csv",
            mode="replace",
            force=False,
            actor="upload",
            data_time=moment,
            fingerprint=job_id(number),
            created=moment,
            updated=moment,
            state="refused",
            errors=faults,
        )
        jobs.create(record)
    listed = idle.get(f"{CHURN}/jobs", headers={"Accept-Encoding": "identity"})
    assert listed.status_code == 200
    assert len(listed.content) < 100_000
    shown = listed.json()["data"]["jobs"]
    assert [(job["errors"], job["error_count"]) for job in shown] == [(list(faults[:5]), 1000)] * 50
    single = idle.get(f"{CHURN}/jobs/{shown[0]['job']}").json()["data"]
    assert (single["errors"], single["error_count"]) == (list(faults), 1000)


def test_the_wait_for_a_job_counts_from_the_arrival_of_the_request(
    home: Home,
    definitions: Mapping[str, Definition],
    connect: Connect,
    cars: list[Row],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submit = Submissions.submit

    def slowly(*arguments: Any) -> Job:
        time.sleep(1.5)
        return submit(*arguments)

    looks: list[str] = []
    read = Jobs.read

    def counted(jobs: Jobs, model: str, job: str) -> Job:
        looks.append(job)
        return read(jobs, model, job)

    monkeypatch.setattr(Submissions, "submit", slowly)
    monkeypatch.setattr(Jobs, "read", counted)
    client = connect(local_application(home, definitions, base_url="http://localhost", wait_seconds=1.5))
    post(client, f"{CAR}/retrain", cars[:30], 202)
    assert looks == []
