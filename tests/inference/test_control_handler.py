"""The control handler with whole API Gateway events, over S3."""

from __future__ import annotations

import json
import os
import re
from copy import deepcopy

import httpx
import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.registry import Registry
from tests.inference.handlers import (
    CUSTOMER,
    FOREIGN,
    GET,
    POST,
    Function,
    MetricLines,
    Publish,
    Start,
    facts_of,
    get,
    modules_after,
    post,
    with_body,
)
from tests.lambda_context import Context


@pytest.fixture
def uploads(bucket: str, aws_variables: dict[str, str]) -> S3Storage:
    return S3Storage(bucket, environment=aws_variables)


@pytest.fixture
def control(start: Start) -> Function:
    return start("control")


def test_control_is_healthy_and_knows_every_model(control: Function) -> None:
    answer = control(GET)
    assert answer.status == 200
    assert answer.document["data"]["service"] == "despliegue"
    assert {"churn", "car-price"} <= set(answer.document["data"]["models"])


def test_control_shows_a_model_before_and_after_its_first_version(
    control: Function, registry: Registry, publish: Publish
) -> None:
    assert control(get("/models/churn")).document["data"]["version"] is None
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    assert control(get("/models/churn")).document["data"]["version"] == 1
    assert control(get("/models/nothing")).status == 404


def test_control_promotes_in_the_name_of_the_token(control: Function, registry: Registry, publish: Publish) -> None:
    publish(registry)
    answer = control(with_body("PUT", "/models/churn/production", {"version": 1, "pin": True}))
    assert answer.status == 200
    production = registry.pointer("churn").production
    assert production is not None
    assert (production.version, production.actor, production.pinned) == (1, "ana", True)
    history = control(get("/models/churn/history")).document["data"]["history"]
    assert [one["version"] for one in history] == [1]


def test_control_stores_training_rows_and_answers_with_the_job(
    control: Function, registry: Registry, uploads: S3Storage
) -> None:
    rows = [{**CUSTOMER, "churn": "yes"}] * 30
    event = post("/models/churn/retrain", rows)
    event["headers"]["prefer"] = "respond-async"
    answer = control(event)
    assert answer.status == 202
    job = answer.document["data"]["job"]
    assert answer.headers["location"] == f"/models/churn/jobs/{job}"
    assert json.loads(uploads.read(f"uploads/churn/jobs/{job}/instances.json").body) == rows
    assert control(get(answer.headers["location"])).document["data"]["state"] == "queued"
    assert registry.storage.children("models/churn/jobs") == [f"{job}.json"]


def test_control_signs_a_form_that_uploads_the_file_of_a_job(control: Function, uploads: S3Storage) -> None:
    answer = control(post("/models/churn/uploads", {"file_name": "rows.csv"}))
    assert answer.status == 201
    form = answer.document["data"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("rows.csv", b"a,b\n")})
    assert sent.status_code == 204
    assert uploads.read(f"uploads/churn/jobs/{form['job']}/rows.csv").body == b"a,b\n"
    assert control(get(f"/models/churn/jobs/{form['job']}")).document["data"]["state"] == "waiting"


def test_control_predicts_nothing(control: Function) -> None:
    assert control(POST).status in (404, 405)


def test_the_document_of_control_asks_for_tokens_and_holds_no_row(
    control: Function, registry: Registry, publish: Publish
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    document = control(get("/openapi.json")).document
    predict = document["paths"]["/models/churn/predict"]["post"]
    assert predict["security"] == [{"token": ["predict"]}]
    assert "example" not in predict["requestBody"]["content"]["application/json"]
    assert "security" not in document["paths"]["/models"]["get"]
    schema = control(get("/models/churn/schema")).document["data"]
    assert schema["example"] == registry.manifest("churn", 1).example


@pytest.mark.parametrize("job", ["0123456789abcdef" * 2, "x" * 1500, "%2e%2e"])
def test_control_knows_no_such_job(control: Function, job: str) -> None:
    assert control(get(f"/models/churn/jobs/{job}")).status == 404


def test_the_metrics_of_a_request_name_its_model(metrics: MetricLines, control: Function) -> None:
    assert control(GET).status == 200
    unknown = get("/models/nothing/jobs")
    unknown["pathParameters"] = {"model": "nothing"}
    assert control(unknown).status == 404
    assert [facts_of(line) for line in metrics()] == [{}, {"model": "nothing", "Refusals": [1.0]}]


def test_control_counts_no_answer_as_slow_because_it_waits_for_trainings(
    metrics: MetricLines, control: Function
) -> None:
    control.handler(deepcopy(GET), Context(remaining_milliseconds=0))
    (line,) = metrics()
    assert "SlowAnswers" not in line


def test_the_start_loads_nothing_that_trains(
    start: Start, aws_environment: None, registry: Registry, publish: Publish
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    loaded = modules_after("import functions.inference.control_handler")
    assert "functions.aws.s3_storage" in loaded
    assert loaded.isdisjoint(FOREIGN)


def test_a_client_that_has_the_documentation_gets_no_body(control: Function) -> None:
    for path in ("/openapi.json", "/docs"):
        event = get(path)
        first = control.handler(event, Context())
        assert (first["statusCode"], first["headers"]["cache-control"]) == (200, "no-cache")
        event["headers"]["if-none-match"] = first["headers"]["etag"]
        again = control.handler(event, Context())
        assert (again["statusCode"], again["body"], again["isBase64Encoded"]) == (304, "", False)
        assert again["headers"]["etag"] == first["headers"]["etag"]


def test_a_browser_gets_the_page_whose_file_goes_to_the_bucket(control: Function) -> None:
    event = get("/")
    event["headers"] = {**event["headers"], "accept": "text/html,*/*;q=0.8"}
    page = control.handler(event, Context())
    assert (page["statusCode"], page["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    links = re.findall(r'(?:src|href)="(/playground/[^"?]+)\?([^"]+)"', page["body"])
    assert len(links) == 3
    policy = page["headers"]["content-security-policy"]
    assert f"connect-src 'self' {os.environ['AWS_ENDPOINT_URL']};" in policy
    for path, query in links:
        event = get(path)
        event["rawQueryString"] = query
        event["headers"] = {**event["headers"], "accept-encoding": "gzip"}
        file = control.handler(event, Context())
        assert (file["statusCode"], "immutable" in file["headers"]["cache-control"]) == (200, True), path
