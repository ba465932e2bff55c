"""The three handlers under Lambda's own runtime client: they start, answer, and survive what is sent to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.manifest import Manifest
from functions.core.registry import Registry

PROJECT = Path(__file__).resolve().parents[2]
EVENTS = PROJECT / "tests" / "events"
GET: dict[str, Any] = json.loads((EVENTS / "http_api_get.json").read_bytes())
POST: dict[str, Any] = json.loads((EVENTS / "http_api_post.json").read_bytes())
SQS: dict[str, Any] = json.loads((EVENTS / "sqs_two_messages.json").read_bytes())
CUSTOMER_ID = json.loads(POST["body"])["customerid"]
PREDICT = "functions.inference.predict_handler.handler"
CONTROL = "functions.inference.control_handler.handler"
TRAINER = "functions.trainer.handler.handler"
ROWS = 400
Start = Callable[..., Any]
Publish = Callable[..., Manifest]


@pytest.fixture
def places(bucket: str) -> dict[str, str]:
    return {"DESPLIEGUE_REGISTRY": f"s3://{bucket}", "DESPLIEGUE_UPLOADS": f"s3://{bucket}"}


@pytest.fixture
def registry(bucket: str, s3: Any) -> Registry:
    return Registry(S3Storage(bucket, client=s3))


def test_predict_answers_and_survives_a_bad_body(
    start: Start, places: dict[str, str], registry: Registry, publish: Publish
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    function = start(PREDICT, **places, DESPLIEGUE_MODEL="churn")
    assert function.init_error is None
    assert _status(function(POST)) == 200
    assert _status(function({**POST, "body": "{"})) == 422
    answer = function(POST)
    assert (_status(answer), json.loads(answer["body"])["data"]["version"]) == (200, 1)
    assert function.is_running


def test_predict_logs_the_request_and_never_its_payload(start: Start, places: dict[str, str]) -> None:
    function = start(PREDICT, **places, DESPLIEGUE_MODEL="churn", POWERTOOLS_LOGGER_LOG_EVENT="true")
    assert _status(function(POST)) == 503
    lines = [json.loads(line) for line in function.log.splitlines()]
    ours = [line for line in lines if line.get("correlation_id") == POST["requestContext"]["requestId"]]
    assert {(line["service"], line["cold_start"]) for line in ours} == {("despliegue-under-test", True)}
    assert CUSTOMER_ID in POST["body"]
    assert CUSTOMER_ID not in function.log


def test_predict_without_its_settings_does_not_start_and_says_which(start: Start, places: dict[str, str]) -> None:
    function = start(PREDICT, **places)
    assert function.init_error is not None
    assert function.init_error["errorType"] == "SettingError"
    assert "DESPLIEGUE_MODEL" in function.init_error["errorMessage"]


def test_control_answers_and_survives_a_bad_body(start: Start, places: dict[str, str]) -> None:
    function = start(CONTROL, **places)
    assert function.init_error is None
    answer = function(GET)
    assert _status(answer) == 200
    assert "churn" in json.loads(answer["body"])["data"]["models"]
    retrain = deepcopy(POST)
    retrain["rawPath"] = retrain["requestContext"]["http"]["path"] = "/models/churn/retrain"
    retrain["body"] = "{"
    assert _status(function(retrain)) == 422
    assert _status(function(GET)) == 200
    assert function.is_running


def test_the_trainer_makes_a_version_of_an_upload(
    start: Start, places: dict[str, str], bucket: str, s3: Any, registry: Registry
) -> None:
    sample = (PROJECT / "models" / "churn" / "sample.csv").read_bytes().splitlines(keepends=True)
    s3.put_object(Bucket=bucket, Key="uploads/churn/año 2026.csv", Body=b"".join(sample[: ROWS + 1]))
    function = start(TRAINER, **places)
    assert function.init_error is None
    batch = deepcopy(SQS)
    notice = json.loads(batch["Records"][0]["body"])
    notice["Records"][0]["s3"]["object"]["key"] = quote_plus("uploads/churn/año 2026.csv", safe="/")
    batch["Records"][0]["body"] = json.dumps(notice)
    batch["Records"][1]["body"] = "no notice"
    assert function(batch) == {"batchItemFailures": [{"itemIdentifier": batch["Records"][1]["messageId"]}]}
    assert registry.versions("churn") == [1]


def _status(answer: dict[str, Any]) -> int:
    status: int = answer["statusCode"]
    return status
