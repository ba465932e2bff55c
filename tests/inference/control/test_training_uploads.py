"""Files to train on: the form that takes them, and the job that waits for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx
import pytest

from functions.core.definition import Definition
from functions.core.errors import InvalidInputError
from functions.core.uploads import FILE_ENDINGS
from functions.local.home import Home
from model_export.training_files.unpacking import unpack
from tests.inference.control.retraining import CAR, CHURN, finished, post, version_of


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
