"""Retraining over HTTP: answers, jobs, versions and refusals."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.errors import InvalidInputError, ParityError
from functions.core.jobs import Job, Jobs, job_id
from functions.core.submission import Submissions
from functions.core.uploads import FILE_ENDINGS
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.inference.control.training import pause_seconds
from functions.local.application import local_application
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from model_export.training_files.unpacking import unpack
from tests.batching import local_batching

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
Connect = Callable[[ASGIApp], httpx.Client]
Training = Callable[..., AbstractContextManager[None]]

CAR, CHURN = "/models/car-price", "/models/churn"
RETRAINED = {
    "job",
    "version",
    "promoted",
    "reason",
    "metrics",
    "production_metrics",
    "rows",
    "measured_on",
    "in_production",
}
REGRESSION = {"rmse", "mae", "r2"}
CLASSIFICATION = {"accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"}
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
def cars(labelled: Rows) -> list[Row]:
    return labelled("car-price")[:800]


@pytest.fixture
def mislabelled(labelled: Rows) -> list[Row]:
    """Customers with labels by turns: no gate lets a model of them pass."""
    rows = labelled("churn")[:600]
    return [{**row, "churn": "yes" if index % 2 else "no"} for index, row in enumerate(rows)]


@pytest.fixture
def idle(home: Home, definitions: Mapping[str, Definition], connect: Connect) -> httpx.Client:
    """The application without a trainer: jobs stay queued."""
    return connect(local_application(home, definitions, base_url="http://localhost"))


def post(client: httpx.Client, path: str, body: Any, status: int = 200, **options: Any) -> Any:
    answer = client.post(path, json=body, **options)
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status < 400 else "errors"]


def version_of(client: httpx.Client, model: str) -> Any:
    return client.get(model).json()["data"]["version"]


def finished(client: httpx.Client, location: str) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = client.get(location).json()["data"]
        if job["state"] not in ("waiting", "queued", "running"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"{location} did not end: {job}")


def test_a_retrain_answers_its_result_and_the_next_prediction_uses_it(client: httpx.Client, cars: list[Row]) -> None:
    instance = {name: value for name, value in cars[0].items() if name != "selling_price"}
    before = post(client, f"{CAR}/predict", instance)
    data = post(client, f"{CAR}/retrain", cars)
    after = post(client, f"{CAR}/predict", instance)
    assert data.keys() == RETRAINED
    assert (data["version"], data["promoted"]) == (2, True)
    assert data["metrics"].keys() == data["production_metrics"].keys() == REGRESSION
    assert data["rows"].keys() == {"training", "evaluation"}
    assert sum(data["rows"].values()) == len(cars)
    assert (before["version"], after["version"]) == (1, 2)
    assert before["predictions"] != after["predictions"]


def test_instances_under_their_name_and_ids_are_accepted(client: httpx.Client, labelled: Rows) -> None:
    rows = [{**row, "customerid": f"customer-{index}"} for index, row in enumerate(labelled("churn")[:1500])]
    data = post(client, f"{CHURN}/retrain", {"instances": rows})
    assert data["metrics"].keys() == data["production_metrics"].keys() == CLASSIFICATION
    assert sum(data["rows"].values()) == 1500


def test_the_gate_keeps_a_worse_version_and_says_why(client: httpx.Client, mislabelled: list[Row]) -> None:
    data = post(client, f"{CHURN}/retrain", mislabelled)
    assert (data["version"], data["promoted"]) == (2, False)
    assert "roc_auc" in data["reason"]
    assert "below the floor 0.75" in data["reason"]
    assert version_of(client, CHURN) == 1
    assert client.get(f"{CHURN}/versions/2").status_code == 200


def test_the_same_rows_again_are_the_same_job_while_production_stays(
    client: httpx.Client, mislabelled: list[Row]
) -> None:
    first, again = (post(client, f"{CHURN}/retrain", mislabelled) for _ in range(2))
    assert first == again
    assert client.get(f"{CHURN}/versions").json()["data"]["total"] == 2


def test_force_promotes_past_the_gate(client: httpx.Client, mislabelled: list[Row]) -> None:
    refused = post(client, f"{CHURN}/retrain", mislabelled)
    forced = post(client, f"{CHURN}/retrain?force=true", mislabelled)
    assert (refused["promoted"], forced["promoted"]) == (False, True)
    assert refused["job"] != forced["job"]
    assert forced["reason"] == "forced past the gate"
    assert version_of(client, CHURN) == forced["version"]


def test_replace_trains_on_the_new_rows_and_extend_on_productions_as_well(
    client: httpx.Client, labelled: Rows, cars: list[Row]
) -> None:
    everything = len(labelled("car-price"))
    extended = post(client, f"{CAR}/retrain?mode=extend", cars[:100])
    again = post(client, f"{CAR}/retrain?mode=extend", cars[:50])
    replaced = post(client, f"{CAR}/retrain?mode=replace", cars)
    totals = [sum(data["rows"].values()) for data in (extended, again, replaced)]
    assert totals == [everything + 100, everything + 150, len(cars)]
    data = client.get(f"{CAR}/versions/{extended['version']}").json()["data"]["data"]
    assert (data["mode"], data["rows_training"]) == ("extend", extended["rows"]["training"])


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


@pytest.mark.parametrize(("query", "loc"), [("mode=append", ["query", "mode"]), ("force=perhaps", ["query", "force"])])
def test_unknown_options_are_refused(idle: httpx.Client, cars: list[Row], query: str, loc: list[str]) -> None:
    (error,) = post(idle, f"{CAR}/retrain?{query}", cars, 422)
    assert error["loc"] == loc


@pytest.mark.parametrize(
    ("wrap", "prefix"),
    [(lambda rows: rows, ["body"]), (lambda rows: {"instances": rows}, ["body", "instances"])],
    ids=["array", "instances"],
)
def test_bad_rows_are_refused_at_once_with_every_fault(
    idle: httpx.Client, cars: list[Row], wrap: Callable[[list[Row]], Any], prefix: list[str]
) -> None:
    cars[3] = {**cars[3], "year": "2014", "selling_price": None}
    del cars[7]["selling_price"]
    errors = post(idle, f"{CAR}/retrain", wrap(cars), 422)
    assert {(*error["loc"], error["type"]) for error in errors} == {
        (*prefix, 3, "year", "integer_type"),
        (*prefix, 3, "selling_price", "number_type"),
        (*prefix, 7, "selling_price", "missing"),
    }
    assert idle.get(f"{CAR}/jobs").json()["data"]["total"] == 0


@pytest.mark.parametrize(
    ("wrap", "prefix"),
    [
        (lambda rows: rows[0], ["body"]),
        (lambda rows: rows[:19], ["body"]),
        (lambda rows: [], ["body"]),
        (lambda rows: {"instances": rows[:1]}, ["body", "instances"]),
    ],
    ids=["single", "array", "none", "instances"],
)
def test_too_few_rows_are_refused_at_once(
    idle: httpx.Client, cars: list[Row], wrap: Callable[[list[Row]], Any], prefix: list[str]
) -> None:
    (error,) = post(idle, f"{CAR}/retrain", wrap(cars), 422)
    assert (error["loc"], error["type"]) == (prefix, "too_short")
    assert "at least 20" in error["msg"]


@pytest.mark.parametrize(
    ("rows", "msg"),
    [
        (39_167, "39167 instances are more than 39166: send a file by POST .../uploads"),
        (1_500_000, "1500000 instances are more than 39166: send a file by POST .../uploads"),
    ],
)
def test_more_rows_than_a_request_can_spell_are_too_large(idle: httpx.Client, rows: int, msg: str) -> None:
    body = b"[%b]" % b",".join([b"{}"] * rows)
    answer = idle.post(f"{CHURN}/retrain", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["msg"]) == (413, msg)
    assert idle.get(f"{CHURN}/jobs").json()["data"]["total"] == 0


def test_a_few_rows_may_extend_what_they_could_not_replace(client: httpx.Client, cars: list[Row]) -> None:
    extended = post(client, f"{CAR}/retrain?mode=extend", cars[:5])
    assert sum(extended["rows"].values()) == 2505


def test_an_extension_without_rows_is_refused_at_once(idle: httpx.Client) -> None:
    (error,) = post(idle, f"{CAR}/retrain?mode=extend", [], 422)
    assert (error["loc"], error["type"]) == (["body"], "too_short")


def test_rows_of_one_class_are_refused_by_the_job(client: httpx.Client, labelled: Rows) -> None:
    rows = [row for row in labelled("churn") if row["churn"] == "no"][:100]
    (error,) = post(client, f"{CHURN}/retrain", rows, 422)
    assert (error["loc"], error["type"]) == (["churn"], "single_class")
    (job,) = client.get(f"{CHURN}/jobs").json()["data"]["jobs"]
    assert (job["state"], job["version"], job["errors"]) == ("refused", None, [error])
    assert client.get(f"{CHURN}/versions").json()["data"]["total"] == 1


@pytest.mark.parametrize("path", ["retrain", "uploads"])
def test_a_model_that_is_trained_elsewhere_cannot_be_retrained(
    home: Home, definitions: Mapping[str, Definition], connect: Connect, cars: list[Row], path: str
) -> None:
    fixed = {name: replace(definition, retrainable=False) for name, definition in definitions.items()}
    client = connect(local_application(home, fixed, base_url="http://localhost"))
    answer = client.post(f"{CAR}/{path}", json=cars if path == "retrain" else {})
    assert answer.status_code == 409
    assert "publish" in answer.json()["errors"][0]["msg"]


def test_a_failed_job_is_answered_with_500_and_the_same_request_starts_it_again(
    idle: httpx.Client, home: Home, training: Training, cars: list[Row]
) -> None:
    def fail(*_: object) -> None:
        raise ParityError("they differ")

    with training(home, train=fail):
        (error,) = post(idle, f"{CAR}/retrain", cars, 500)
    assert "ParityError: they differ" in error["msg"]
    assert version_of(idle, CAR) == 1
    with training(home):
        assert post(idle, f"{CAR}/retrain", cars)["version"] == 2


FUTURE = "2999-01-01T00:00:00.000000Z"


def test_rows_sent_before_production_changed_are_superseded(
    idle: httpx.Client, home: Home, training: Training, cars: list[Row]
) -> None:
    key = {"Idempotency-Key": "rows of today"}
    job = post(idle, f"{CAR}/retrain", cars, 202, headers=ASYNC | key)["job"]
    registry = home.registry
    registry.promote("car-price", 1, actor="test", expected=registry.pointer("car-price"), data_time=FUTURE)
    with training(home):
        assert finished(idle, f"{CAR}/jobs/{job}")["state"] == "superseded"
    (error,) = post(idle, f"{CAR}/retrain", cars, 409, headers=key)
    assert "newer than these rows" in error["msg"]


def test_a_promotion_by_a_clock_that_was_ahead_blocks_no_later_retrain(
    client: httpx.Client, home: Home, cars: list[Row]
) -> None:
    registry = home.registry
    registry.promote("car-price", 1, actor="test", expected=registry.pointer("car-price"), data_time=FUTURE)
    assert post(client, f"{CAR}/retrain", cars)["version"] == 2
    assert post(client, f"{CAR}/retrain?force=true", cars)["promoted"] is True


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


def test_an_upload_request_answers_a_form_and_the_job_that_waits_for_it(idle: httpx.Client) -> None:
    answer = idle.post(f"{CAR}/uploads?mode=extend&force=true", json={"file_name": "more.jsonl"})
    form = answer.json()["data"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{CAR}/jobs/{form['job']}"
    assert form["url"].startswith("http://localhost/")
    assert form["fields"]["key"] == f"uploads/car-price/jobs/{form['job']}/more.jsonl"
    assert form["expires_seconds"] > 0
    job = idle.get(answer.headers["location"]).json()["data"]
    assert (job["state"], job["mode"], job["force"]) == ("waiting", "extend", True)


@pytest.mark.parametrize("name", ["", "../x.csv", "a/b.csv", ".hidden.csv", "x" * 101, "a b.csv", "naïve.csv"])
def test_an_upload_has_a_plain_file_name(idle: httpx.Client, name: str) -> None:
    (error,) = post(idle, f"{CAR}/uploads", {"file_name": name}, 422)
    assert error["loc"] == ["body", "file_name"]


@pytest.mark.parametrize("name", ["rows.zip", "rows.xlsx", "model.joblib", "rows", "rows.gz", "rows.csv.zip", "csv"])
def test_no_form_is_given_for_a_file_that_the_trainer_refuses(idle: httpx.Client, name: str) -> None:
    (error,) = post(idle, f"{CAR}/uploads", {"file_name": name}, 422)
    assert (error["loc"], error["type"], error["msg"]) == (["body", "file_name"], "file_type", FILE_ENDINGS)
    with pytest.raises(InvalidInputError, match=re.escape(FILE_ENDINGS)):
        unpack(b"a,b", name, max_bytes=10)


@pytest.mark.parametrize("name", ["rows.csv", "ROWS.CSV", "rows.Json", "rows.jsonl", "a.b.csv.gz", "rows.jsonl.GZ"])
def test_a_form_is_given_for_every_file_that_the_trainer_reads(idle: httpx.Client, name: str) -> None:
    assert post(idle, f"{CAR}/uploads", {"file_name": name}, 201)["fields"]["key"].endswith(f"/{name}")
    assert unpack(b"a,b", name, max_bytes=10).form in name.lower()


def test_every_upload_request_is_a_job_of_its_own(idle: httpx.Client) -> None:
    jobs = {idle.post(f"{CAR}/uploads").json()["data"]["job"] for _ in range(3)}
    assert len(jobs) == 3


def test_a_file_posted_with_the_form_is_trained_on(
    client: httpx.Client, home: Home, definitions: Mapping[str, Definition]
) -> None:
    answer = client.post(f"{CHURN}/uploads", json={"file_name": "telco.csv"})
    form = answer.json()["data"]
    sample = (definitions["churn"].folder / "sample.csv").read_bytes()
    posted = client.post(form["url"], data=form["fields"], files={"file": ("anything.csv", sample)})
    assert posted.status_code == 204
    job = finished(client, answer.headers["location"])
    assert (job["state"], job["promoted"]) == ("succeeded", True)
    assert version_of(client, CHURN) == job["version"] == 2
    assert sum(job["rows"].values()) == 2800


def test_a_bad_file_is_refused_with_its_rows(client: httpx.Client) -> None:
    answer = client.post(f"{CAR}/uploads", json={"file_name": "rows.csv"})
    form = answer.json()["data"]
    rows = b"name,year,selling_price,km_driven,fuel,seller_type,transmission,owner\nA,?,1,1,Petrol,Dealer,CVT,First\n"
    assert client.post(form["url"], data=form["fields"], files={"file": rows}).status_code == 204
    job = finished(client, answer.headers["location"])
    assert job["state"] == "refused"
    assert job["errors"][0]["loc"] == ["line", 2, "year"]
    assert version_of(client, CAR) == 1


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
