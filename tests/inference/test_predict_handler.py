"""The predict handler with whole API Gateway events, over S3."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.local.home import Home
from tests.inference.handlers import (
    CUSTOMER,
    FOREIGN,
    POST,
    POST_BASE64,
    Function,
    MetricLines,
    Publish,
    Start,
    facts_of,
    get,
    modules_after,
    post,
)
from tests.lambda_context import Context

# Powertools imports the bare package botocore, which is half a millisecond
OF_CONTROL = {"fastapi", "pydantic", "pydantic_core", "botocore.session", "functions.inference.control"}
OF_OTHER_TASKS = (
    "tokenizers",
    "functions.predictors.question_answering",
    "functions.predictors.text",
    "functions.inference.protocols.hugging_face",
)
"""Beginnings of the names of modules that predictions for a table do not need."""


@pytest.fixture
def predict(registry: Registry, publish: Publish, start: Start) -> Function:
    """The predict function of churn, started while version 1 is in production."""
    publish(registry, leave=0.25)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    return start("predict")


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
    answer = predict(post("/models/car-price/predict", {}))
    assert answer.status == 404
    assert answer.document["errors"][0]["type"] == "http_404"
    assert predict(get("/models")).status == 404


def test_predict_refuses_bad_instances_with_all_their_faults(predict: Function) -> None:
    bad = {**CUSTOMER, "tenure": "12", "gender": "Female", "colour": "red"}
    answer = predict(post("/models/churn/predict", [CUSTOMER, bad]))
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
    assert predict(post("/models/churn/predict", [CUSTOMER] * 10_001)).status == 413
    assert predict(post("/models/churn/predict", {"customerid": "x" * 6_000_001})).status == 413


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


def test_predict_starts_without_s3_and_answers_that_the_storage_failed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("functions.aws.s3_connection.ATTEMPTS", 1)
    answer = start("predict")(POST)
    assert (answer.status, answer.document["errors"][0]["type"]) == (503, "storage")


def test_predict_does_not_start_for_a_model_that_has_no_folder(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESPLIEGUE_MODEL", "chrun")
    with pytest.raises(Exception, match=r"chrun/model.toml is missing"):
        start("predict")


def test_the_metrics_of_a_request_are_its_version_and_its_counts(
    metrics: MetricLines, predict: Function, registry: Registry, publish: Publish
) -> None:
    _put_in_production_with_known_tenures(registry, publish(registry))
    old = {**CUSTOMER, "tenure": 999}
    assert predict(post("/models/churn/predict", [CUSTOMER, old, CUSTOMER, old])).status == 200
    assert predict(post("/models/churn/predict", [{**CUSTOMER, "tenure": "12"}])).status == 422
    assert predict(post("/models/car-price/predict", {})).status == 404
    answered, refused, elsewhere = (facts_of(line) for line in metrics())
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


def test_a_batch_that_a_thread_works_on_is_counted(metrics: MetricLines, predict: Function) -> None:
    assert predict(post("/models/churn/predict", [CUSTOMER] * 1500)).status == 200
    assert [facts_of(line)["Rows"] for line in metrics()] == [[1500.0]]


def test_a_request_with_nothing_to_serve_is_a_server_error(metrics: MetricLines, start: Start) -> None:
    assert start("predict")(POST).status == 503
    assert [facts_of(line) for line in metrics()] == [{"model": "churn", "ServerErrors": [1.0]}]


@pytest.mark.parametrize("damage", ["models/churn/versions/2/model.onnx", "models/churn/production.json"])
def test_answers_of_an_old_version_for_one_that_cannot_be_served_are_counted_as_stale(
    metrics: MetricLines,
    predict: Function,
    registry: Registry,
    publish: Publish,
    damage: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.serving.production.RELOAD_SECONDS", 3600.0)
    publish(registry, leave=0.9)
    registry.promote_now("churn", 2, actor="ana", pinned=False)
    whole = registry.storage.read(damage).body
    registry.storage.write(damage, whole[:-1])
    assert [predict(POST).document["data"]["version"] for _ in range(2)] == [1, 1]
    assert predict(post("/models/churn/predict", {})).status == 422
    stale = {"model": "churn", "version": 1, "StaleServing": [1.0]}
    assert [facts_of(line) for line in metrics()] == [{**stale, "Rows": [1.0]}] * 2 + [{**stale, "Refusals": [1.0]}]
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    assert predict(POST).status == 200
    assert [facts_of(line) for line in metrics()] == [{"model": "churn", "version": 1, "Rows": [1.0]}]


def test_a_prediction_that_takes_most_of_its_time_is_counted_as_slow(metrics: MetricLines, predict: Function) -> None:
    predict.handler(deepcopy(POST), Context(remaining_milliseconds=0))
    assert predict(POST).status == 200
    assert [line.get("SlowAnswers") for line in metrics()] == [[1.0], None]


def test_an_unforeseen_error_is_counted_as_a_server_error(
    metrics: MetricLines, predict: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("unforeseen")

    with monkeypatch.context() as patch:
        patch.setattr("functions.serving.version.LoadedVersion.predict", fail)
        assert predict(POST).status == 500
    with pytest.raises(RuntimeError, match="adapter"):
        predict.handler({"a": "console's test event"}, Context())
    assert predict(POST).status == 200
    foreseen, no_request, after = (facts_of(line) for line in metrics())
    assert foreseen == {"model": "churn", "version": 1, "ServerErrors": [1.0]}
    assert no_request == {"model": "churn", "ServerErrors": [1.0]}
    assert after == {"model": "churn", "version": 1, "Rows": [1.0]}


def test_answers_in_the_hugging_face_protocol_are_counted_as_well(
    metrics: MetricLines, start: Start, home_of_texts: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", str(home_of_texts.root / "registry"))
    monkeypatch.setenv("DESPLIEGUE_MODEL", "project-tags")
    predict = start("predict")
    for _ in range(2):  # the second one comes from the cache
        assert predict(post("/models/project-tags", {"inputs": ["a graph", "a picture"]})).status == 200
    assert predict(post("/models/project-tags", {"inputs": ""})).status == 422
    names = {"model": "project-tags", "version": 1}
    assert [facts_of(line) for line in metrics()] == [{**names, "Rows": [2.0]}] * 2 + [{**names, "Refusals": [1.0]}]


def test_the_start_loads_nothing_that_trains(
    start: Start, aws_environment: None, registry: Registry, publish: Publish
) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    loaded = modules_after("import functions.inference.predict_handler")
    assert {"functions.aws.s3_storage", "functions.predictors.tabular"} <= loaded
    assert loaded.isdisjoint(FOREIGN)
    assert loaded.isdisjoint(OF_CONTROL)
    assert [one for one in loaded if one.startswith(OF_OTHER_TASKS)] == []


def test_the_start_for_texts_loads_nothing_that_answers_questions(
    start: Start, home_of_texts: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", str(home_of_texts.root / "registry"))
    monkeypatch.setenv("DESPLIEGUE_MODEL", "project-tags")
    loaded = modules_after("import functions.inference.predict_handler")
    assert {"functions.inference.protocols.hugging_face.routes", "functions.predictors.text.predictor"} <= loaded
    assert loaded.isdisjoint({"tokenizers", "functions.predictors.question_answering.predictor", *OF_CONTROL})


def test_predict_over_a_folder_needs_no_client_of_aws(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", str(tmp_path))
    assert modules_after("import functions.inference.predict_handler").isdisjoint({"botocore.exceptions", "obstore"})
