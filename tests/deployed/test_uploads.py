"""Files that arrive in the bucket of a deployment: one version each, however many notices S3 sends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.deployed.deployment import Deployment, Row, Stack, wait_for

MODEL = "car-price"
TIMES = 5
Notify = Callable[[str, datetime, int], None]


@pytest.fixture
def table(root: Path) -> bytes:
    return (root / "models" / MODEL / "sample.csv").read_bytes()


@pytest.fixture
def uploaded(deployed: Deployment, stack: Stack, table: bytes) -> str:
    """The key of a table that was uploaded and trained on, so that S3's own notice of it is done with."""
    known, key = deployed.jobs_of_uploads(MODEL), f"uploads/{MODEL}/{uuid4().hex}.csv"
    stack.clients("s3").put_object(Bucket=stack.outputs["UploadBucket"], Key=key, Body=table)
    wait_for(lambda: _new(deployed, known), "a job of the upload")
    return key


@pytest.fixture
def notify(root: Path, stack: Stack) -> Notify:
    """Send the trainer a notice of another arrival at a key, as S3 does."""
    recorded: dict[str, Any] = json.loads((root / "tests" / "events" / "s3_object_created.json").read_bytes())

    def send(key: str, moment: datetime, times: int) -> None:
        (record,) = deepcopy(recorded["Records"])
        record["eventTime"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record["s3"]["bucket"]["name"] = stack.outputs["UploadBucket"]
        record["s3"]["object"] |= {"key": key, "sequencer": uuid4().hex.upper()[:18]}
        for _ in range(times):
            body = json.dumps({"Records": [record]})
            stack.clients("sqs").send_message(QueueUrl=stack.find("TrainingQueue"), MessageBody=body)

    return send


@pytest.fixture
def impatient(stack: Stack) -> Iterator[str]:
    """The queue, which gives a failed message out again at once."""
    sqs, queue = stack.clients("sqs"), stack.find("TrainingQueue")
    before = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    yield queue
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=before)


def test_a_csv_in_the_bucket_becomes_the_version_that_predicts(
    deployed: Deployment, stack: Stack, table: bytes, car: Row
) -> None:
    known = deployed.jobs_of_uploads(MODEL)
    key = f"uploads/{MODEL}/año {uuid4().hex}.csv"
    stack.clients("s3").put_object(Bucket=stack.outputs["UploadBucket"], Key=key, Body=table)
    job = wait_for(lambda: _new(deployed, known), "a job of the upload")
    assert (job["state"], job["promoted"]) == ("succeeded", True), job
    assert deployed.predict(MODEL, car)["version"] == job["version"]


def test_the_same_notice_five_times_makes_one_version(
    deployed: Deployment, stack: Stack, uploaded: str, notify: Notify
) -> None:
    known, versions = deployed.jobs_of_uploads(MODEL), deployed.versions(MODEL)
    notify(uploaded, datetime.now(UTC), TIMES)
    job = wait_for(lambda: _new(deployed, known), "a job of the notices")
    wait_for(lambda: _is_empty(stack.clients("sqs"), stack.find("TrainingQueue")), "an empty queue")
    assert job["state"] == "succeeded", job
    assert deployed.jobs_of_uploads(MODEL).keys() == {*known, job["job"]}
    assert deployed.versions(MODEL) == versions + 1


def test_an_older_upload_that_comes_late_replaces_nothing(deployed: Deployment, uploaded: str, notify: Notify) -> None:
    known, production = deployed.jobs_of_uploads(MODEL), deployed.production(MODEL)
    notify(uploaded, datetime.now(UTC) - timedelta(days=1), 1)
    assert wait_for(lambda: _new(deployed, known), "a job of the notice")["state"] == "superseded"
    assert deployed.production(MODEL) == production


def test_bad_rows_are_refused_with_every_fault_and_leave_the_queue(
    deployed: Deployment, stack: Stack, car: Row
) -> None:
    known, production = deployed.jobs_of_uploads(MODEL), deployed.production(MODEL)
    bad = b"name,year\nMaruti Swift,1900\n"
    key = f"uploads/{MODEL}/{uuid4().hex}.csv"
    stack.clients("s3").put_object(Bucket=stack.outputs["UploadBucket"], Key=key, Body=bad)
    job = wait_for(lambda: _new(deployed, known), "a job of the upload")
    assert job["state"] == "refused"
    assert job["errors"]
    wait_for(lambda: _is_empty(stack.clients("sqs"), stack.find("TrainingQueue")), "an empty queue")
    assert deployed.production(MODEL) == production


def test_a_message_that_nobody_can_read_ends_among_the_dead_letters(stack: Stack, impatient: str) -> None:
    sqs, letters = stack.clients("sqs"), stack.find("TrainingDeadLetters")
    poison = f"no notice {uuid4().hex}"
    sqs.send_message(QueueUrl=impatient, MessageBody=poison)

    def look() -> str | None:
        found = sqs.receive_message(QueueUrl=letters, WaitTimeSeconds=1).get("Messages", [])
        return next((one["Body"] for one in found if one["Body"] == poison), None)

    assert wait_for(look, "the message among the dead letters") == poison


def test_a_form_takes_the_file_of_its_job(deployed: Deployment, table: bytes) -> None:
    form = _form(deployed)
    sent = httpx.post(form["url"], data=form["fields"], files={"file": table}, timeout=60)
    assert sent.status_code == 204, sent.text
    assert deployed.ended(MODEL, form["job"])["state"] == "succeeded"


def test_a_form_takes_no_file_over_the_limit(deployed: Deployment, stack: Stack) -> None:
    form = _form(deployed)
    too_much = b"x" * (deployed.get(f"/models/{MODEL}")["limits"]["max_training_bytes"] + 1)
    sent = httpx.post(form["url"], data=form["fields"], files={"file": too_much}, timeout=120)
    assert sent.status_code == 400, sent.text
    assert "EntityTooLarge" in sent.text
    assert deployed.get(f"/models/{MODEL}/jobs/{form['job']}")["state"] == "waiting"


def _form(deployed: Deployment) -> Any:
    asked = deployed.http.post(f"/models/{MODEL}/uploads", json={"file_name": "rows.csv"})
    assert asked.status_code == 201, asked.text
    return asked.json()["data"]


def _new(deployed: Deployment, known: dict[str, Any]) -> Any:
    found = deployed.jobs_of_uploads(MODEL)
    return next((one for name, one in found.items() if name not in known), None)


def _is_empty(sqs: Any, queue: str) -> bool | None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return True if all(found[name] == "0" for name in names) else None
