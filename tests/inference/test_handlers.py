"""Both handlers of the inference image, with whole API Gateway events, over S3."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.local.home import Home
from tests.lambda_context import Context

EVENTS = Path(__file__).resolve().parents[1] / "events"
GET: dict[str, Any] = json.loads((EVENTS / "http_api_get.json").read_bytes())
POST: dict[str, Any] = json.loads((EVENTS / "http_api_post.json").read_bytes())
POST_BASE64: dict[str, Any] = json.loads((EVENTS / "http_api_post_base64.json").read_bytes())
CUSTOMER: dict[str, Any] = json.loads(POST["body"])
FOREIGN = [
    "sklearn",
    "pandas",
    "scipy",
    "joblib",
    "onnx",
    "skl2onnx",
    "torch",
    "transformers",
    "filelock",
    "uvicorn",
    "boto3",
]
Publish = Callable[..., Manifest]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    document: Any


@dataclass(frozen=True, slots=True)
class Function:
    """A started function and the registry behind it."""

    handler: Callable[[dict[str, Any], Context], dict[str, Any]]

    def __call__(self, event: dict[str, Any]) -> Answer:
        raw = self.handler(event, Context())
        assert raw["isBase64Encoded"] is False
        return Answer(raw["statusCode"], raw["headers"], json.loads(raw["body"]))


Start = Callable[[str], Function]


@pytest.fixture
def registry(bucket: str, s3: Any) -> Registry:
    return Registry(S3Storage(bucket, "registry", s3))


@pytest.fixture
def uploads(bucket: str, s3: Any) -> S3Storage:
    return S3Storage(bucket, client=s3)


@pytest.fixture
def start(
    bucket: str, aws_environment: None, event_loop_of_the_process: None, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """start("predict") imports the handler as Lambda does: once, before any request."""
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}/registry")
    monkeypatch.setenv("DESPLIEGUE_UPLOADS", f"s3://{bucket}")
    monkeypatch.setenv("DESPLIEGUE_MODEL", "churn")

    def import_handler(name: str) -> Function:
        module = f"functions.inference.{name}_handler"
        sys.modules.pop(module, None)
        return Function(importlib.import_module(module).handler)

    return import_handler


@pytest.fixture
def predict(registry: Registry, publish: Publish, start: Start) -> Function:
    """The predict function of churn, started while version 1 is in production."""
    publish(registry, leave=0.25)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    return start("predict")


@pytest.fixture
def control(start: Start) -> Function:
    return start("control")


def test_predict_answers_an_instance(predict: Function) -> None:
    answer = predict(POST)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.document["message"] == "OK"
    assert answer.document["url"] == f"https://{POST['headers']['host']}/models/churn/predict"
    data = answer.document["data"]
    assert (data["model"], data["version"], data["ids"]) == ("churn", 1, [CUSTOMER["customerid"]])
    assert data["predictions"] == [{"label": "no", "score": 0.75, "scores": {"no": 0.75, "yes": 0.25}}]


def test_predict_reads_base64_bodies(predict: Function) -> None:
    answer = predict(POST_BASE64)
    assert answer.status == 200
    assert answer.document["data"]["predictions"][0]["label"] == "no"


def test_predict_follows_a_promotion_with_the_next_request(
    predict: Function, registry: Registry, publish: Publish
) -> None:
    publish(registry, leave=0.9)
    assert predict(POST).document["data"]["version"] == 1
    registry.promote_now("churn", 2, actor="ana", pinned=False)
    data = predict(POST).document["data"]
    assert (data["version"], data["predictions"][0]["label"]) == (2, "yes")
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    assert predict(POST).document["data"]["version"] == 1


def test_predict_serves_its_own_model_only(predict: Function) -> None:
    answer = predict(_post("/models/car-price/predict", {}))
    assert answer.status == 404
    assert "churn" in answer.document["errors"][0]["msg"]
    assert predict(_get("/models")).status == 404


def test_predict_refuses_bad_instances_with_all_their_faults(predict: Function) -> None:
    bad = {**CUSTOMER, "tenure": "12", "gender": "Female", "colour": "red"}
    answer = predict(_post("/models/churn/predict", [CUSTOMER, bad]))
    assert answer.status == 422
    assert {(*one["loc"], one["type"]) for one in answer.document["errors"]} == {
        ("body", 1, "colour", "extra_forbidden"),
        ("body", 1, "gender", "enum"),
        ("body", 1, "tenure", "integer_type"),
    }


def test_predict_refuses_what_is_no_json(predict: Function) -> None:
    event = deepcopy(POST)
    event["body"] = "{"
    assert predict(event).status == 422
    event["headers"]["content-type"] = "text/csv"
    assert predict(event).status == 415


def test_predict_refuses_more_than_its_limits(predict: Function) -> None:
    assert predict(_post("/models/churn/predict", [CUSTOMER] * 10_001)).status == 413
    assert predict(_post("/models/churn/predict", {"customerid": "x" * 6_000_001})).status == 413


def test_predict_starts_before_the_first_version_and_serves_it_when_it_is_there(
    start: Start, registry: Registry, publish: Publish
) -> None:
    predict = start("predict")
    answer = predict(POST)
    assert (answer.status, answer.document["message"]) == (503, "Service Unavailable")
    assert int(answer.headers["retry-after"]) > 0
    publish(registry)
    assert predict(POST).status == 503
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    assert predict(POST).status == 200


@pytest.mark.parametrize("damage", ["model.onnx", "manifest.json"])
def test_predict_starts_over_a_damaged_version_and_serves_after_the_rollback(
    start: Start, registry: Registry, publish: Publish, damage: str
) -> None:
    for version in (1, 2):
        publish(registry)
        registry.promote_now("churn", version, actor="ana", pinned=False)
    registry.storage.write(f"models/churn/versions/2/{damage}", b"not what it was")
    predict = start("predict")
    assert predict(POST).status == 503
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    answer = predict(POST)
    assert (answer.status, answer.document["data"]["version"]) == (200, 1)


def test_predict_starts_over_a_damaged_pointer(start: Start, registry: Registry, publish: Publish) -> None:
    publish(registry)
    registry.storage.write("models/churn/production.json", b"[]")
    predict = start("predict")
    answer = predict(POST)
    assert answer.status == 503
    assert "models/churn/production.json" in answer.document["errors"][0]["msg"]


def test_predict_starts_without_s3_and_says_so_in_the_answer(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("functions.aws.client.ATTEMPTS", 1)
    answer = start("predict")(POST)
    assert (answer.status, answer.document["errors"][0]["type"]) == (503, "storage")


def test_predict_does_not_start_for_a_model_that_has_no_folder(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESPLIEGUE_MODEL", "chrun")
    with pytest.raises(Exception, match=r"chrun/model.toml is missing"):
        start("predict")


def test_control_is_healthy_and_knows_every_model(control: Function) -> None:
    answer = control(GET)
    assert answer.status == 200
    assert answer.document["data"]["service"] == "despliegue"
    assert {"churn", "car-price"} <= set(answer.document["data"]["models"])


def test_control_shows_a_model_before_and_after_its_first_version(
    control: Function, registry: Registry, publish: Publish
) -> None:
    assert control(_get("/models/churn")).document["data"]["version"] is None
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    assert control(_get("/models/churn/")).document["data"]["version"] == 1
    assert control(_get("/models/nothing")).status == 404


def test_control_promotes_in_the_name_of_the_token(control: Function, registry: Registry, publish: Publish) -> None:
    publish(registry)
    answer = control(_with_body("PUT", "/models/churn/production", {"version": 1, "pin": True}))
    assert answer.status == 200
    production = registry.pointer("churn").production
    assert production is not None
    assert (production.version, production.actor, production.pinned) == (1, "ana", True)
    history = control(_get("/models/churn/history")).document["data"]["history"]
    assert [one["version"] for one in history] == [1]


def test_control_stores_training_rows_and_answers_with_the_job(
    control: Function, registry: Registry, uploads: S3Storage
) -> None:
    rows = [{**CUSTOMER, "churn": "yes"}] * 30
    event = _post("/models/churn/retrain", rows)
    event["headers"]["prefer"] = "respond-async"
    answer = control(event)
    assert answer.status == 202
    job = answer.document["data"]["job"]
    assert answer.headers["location"] == f"/models/churn/jobs/{job}"
    assert json.loads(uploads.read(f"uploads/churn/jobs/{job}/instances.json").body) == rows
    assert control(_get(answer.headers["location"])).document["data"]["state"] == "queued"
    assert registry.storage.children("models/churn/jobs") == [f"{job}.json"]


def test_control_signs_a_form_that_uploads_the_file_of_a_job(control: Function, uploads: S3Storage) -> None:
    answer = control(_post("/models/churn/uploads", {"file_name": "rows.csv"}))
    assert answer.status == 201
    form = answer.document["data"]
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("rows.csv", b"a,b\n")})
    assert sent.status_code == 204
    assert uploads.read(f"uploads/churn/jobs/{form['job']}/rows.csv").body == b"a,b\n"
    assert control(_get(f"/models/churn/jobs/{form['job']}")).document["data"]["state"] == "waiting"


def test_control_predicts_nothing(control: Function) -> None:
    assert control(POST).status in (404, 405)


@pytest.mark.parametrize("job", ["0123456789abcdef" * 2, "x" * 1500, "%2e%2e"])
def test_control_knows_no_such_job(control: Function, job: str) -> None:
    assert control(_get(f"/models/churn/jobs/{job}")).status == 404


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """The metrics of every request since the last look, each as its own line has them."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Despliegue/test")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "service-under-test")

    def look() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        return [{name: value for name, value in line.items() if name not in ("_aws", "ColdStart")} for line in lines]

    return look


Said = Callable[[], list[dict[str, Any]]]


def _told(line: dict[str, Any]) -> dict[str, Any]:
    """A line without its latency, which is there and more than nothing."""
    assert line["Latency"][0] > 0
    assert line["service"] == "service-under-test"
    return {name: value for name, value in line.items() if name not in ("Latency", "service")}


def test_predict_tells_what_a_request_came_to(
    said: Said, predict: Function, registry: Registry, publish: Publish
) -> None:
    _put_in_production_with_known_tenures(registry, publish(registry))
    old = {**CUSTOMER, "tenure": 999}
    assert predict(_post("/models/churn/predict", [CUSTOMER, old, CUSTOMER, old])).status == 200
    assert predict(_post("/models/churn/predict", [{**CUSTOMER, "tenure": "12"}])).status == 422
    assert predict(_post("/models/car-price/predict", {})).status == 404
    answered, refused, elsewhere = (_told(line) for line in said())
    assert answered == {"model": "churn", "version": 3, "Rows": [4.0], "Warnings": [2.0]}
    assert refused == {"model": "churn", "version": 3, "Refusals": [1.0]}
    assert elsewhere == {"model": "churn", "Refusals": [1.0]}


def _put_in_production_with_known_tenures(registry: Registry, like: Manifest) -> None:
    """A version that saw customers of 0 to 72 months in training."""
    features = [replace(one, observed=(0.0, 72.0)) if one.name == "tenure" else one for one in like.schema.features]
    manifest = replace(
        like, version=registry.claim("churn"), schema=replace(like.schema, features=tuple(features)), artifacts={}
    )
    registry.publish(manifest, {"model.onnx": registry.artifact(like, "model.onnx")})
    registry.promote_now("churn", manifest.version, actor="ana", pinned=False)


def test_predict_tells_of_a_batch_that_a_thread_worked_on(said: Said, predict: Function) -> None:
    assert predict(_post("/models/churn/predict", [CUSTOMER] * 1500)).status == 200
    assert [_told(line)["Rows"] for line in said()] == [[1500.0]]


def test_predict_tells_that_it_has_nothing_to_serve(said: Said, start: Start) -> None:
    assert start("predict")(POST).status == 503
    assert [_told(line) for line in said()] == [{"model": "churn", "ServerErrors": [1.0]}]


@pytest.mark.parametrize("damage", ["models/churn/versions/2/model.onnx", "models/churn/production.json"])
def test_predict_tells_that_an_old_version_answers_for_one_that_cannot_be_served(
    said: Said,
    predict: Function,
    registry: Registry,
    publish: Publish,
    damage: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.serving.production.RETRY_SECONDS", 3600.0)
    publish(registry, leave=0.9)
    registry.promote_now("churn", 2, actor="ana", pinned=False)
    whole = registry.storage.read(damage).body
    registry.storage.write(damage, whole[:-1])
    assert [predict(POST).document["data"]["version"] for _ in range(2)] == [1, 1]
    assert predict(_post("/models/churn/predict", {})).status == 422
    stale = {"model": "churn", "version": 1, "StaleServing": [1.0]}
    assert [_told(line) for line in said()] == [{**stale, "Rows": [1.0]}] * 2 + [{**stale, "Refusals": [1.0]}]
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    assert predict(POST).status == 200
    assert [_told(line) for line in said()] == [{"model": "churn", "version": 1, "Rows": [1.0]}]


def test_predict_tells_of_an_error_that_nobody_foresaw(
    said: Said, predict: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("unforeseen")

    with monkeypatch.context() as patch:
        patch.setattr("functions.serving.version.LoadedVersion.predict", fail)
        assert predict(POST).status == 500
    with pytest.raises(RuntimeError, match="adapter"):
        predict.handler({"a": "console's test event"}, Context())
    assert predict(POST).status == 200
    foreseen, no_request, after = (_told(line) for line in said())
    assert foreseen == {"model": "churn", "version": 1, "ServerErrors": [1.0]}
    assert no_request == {"model": "churn", "ServerErrors": [1.0]}
    assert after == {"model": "churn", "version": 1, "Rows": [1.0]}


def test_answers_in_hugging_faces_way_are_told_as_well(
    said: Said, start: Start, home_of_texts: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", str(home_of_texts.root / "registry"))
    monkeypatch.setenv("DESPLIEGUE_MODEL", "project-tags")
    predict = start("predict")
    for _ in range(2):  # the second one comes from the cache
        assert predict(_post("/models/project-tags", {"inputs": ["a graph", "a picture"]})).status == 200
    assert predict(_post("/models/project-tags", {"inputs": ""})).status == 422
    told = {"model": "project-tags", "version": 1}
    assert [_told(line) for line in said()] == [{**told, "Rows": [2.0]}] * 2 + [{**told, "Refusals": [1.0]}]


def test_control_tells_what_a_request_came_to(said: Said, control: Function) -> None:
    assert control(GET).status == 200
    unknown = _get("/models/nothing/jobs")
    unknown["pathParameters"] = {"model": "nothing"}
    assert control(unknown).status == 404
    assert [_told(line) for line in said()] == [{}, {"model": "nothing", "Refusals": [1.0]}]


@pytest.mark.parametrize("name", ["predict", "control"])
def test_a_request_is_one_line_of_the_log_without_anything_that_was_sent(
    name: str, start: Start, registry: Registry, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    function = start(name)
    event = deepcopy(POST)
    event["headers"]["authorization"] = "Bearer secret-token"
    event["rawQueryString"] = "filter=secret-query"
    event["pathParameters"] = {"model": "churn"}
    with caplog.at_level("INFO"):
        function(event)
    (line,) = (vars(record) for record in caplog.records if record.getMessage() == "request answered")
    assert (line["status"], line["model"]) == (200 if name == "predict" else 404, "churn")
    assert line["latency_ms"] > 0
    if name == "predict":
        assert (line["version"], line["rows"]) == (1, 1)
    else:
        assert line["route"] == POST["routeKey"]
    written = caplog.text + str([vars(record) for record in caplog.records])
    assert not any(secret in written for secret in ("secret-", CUSTOMER["customerid"]))


@pytest.mark.parametrize("name", ["predict", "control"])
def test_starting_loads_nothing_that_trains(
    name: str, start: Start, aws_environment: None, registry: Registry, publish: Publish
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    loaded = _modules_after(f"import functions.inference.{name}_handler")
    assert "functions.aws.s3_storage" in loaded
    assert loaded.isdisjoint(FOREIGN)


def test_predict_over_a_folder_needs_no_client_of_aws(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", str(tmp_path))
    assert _modules_after("import functions.inference.predict_handler").isdisjoint({"boto3", "botocore.session"})


def _modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(found.stdout.splitlines()[-1].split())


def _get(path: str) -> dict[str, Any]:
    return _at(GET, "GET", path)


def _post(path: str, body: object) -> dict[str, Any]:
    return _with_body("POST", path, body)


def _with_body(method: str, path: str, body: object) -> dict[str, Any]:
    event = _at(POST, method, path)
    event["body"] = json.dumps(body)
    event["headers"]["content-length"] = str(len(event["body"]))
    return event


def _at(template: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    event = deepcopy(template)
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["routeKey"] = event["requestContext"]["routeKey"] = f"{method} {path}"
    return event
