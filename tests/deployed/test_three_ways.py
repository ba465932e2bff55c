"""One set of requests for the application itself, for the handlers by events, and for a deployment."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from functions.aws.s3_storage import S3Storage
from functions.core.definition import Definition
from functions.core.registry import Registry
from functions.local.application import local_application
from functions.local.home import Home
from tests.deployed.deployment import Deployment, Row
from tests.ways import EVENTS_URL, Gateway, Handler

MODEL = "churn"
ENVELOPE = {"message", "method", "status-code", "timestamp", "url"}


@pytest.fixture
def by_application(
    home: Home, definitions: Mapping[str, Definition], connect: Callable[[ASGIApp], httpx.Client]
) -> httpx.Client:
    return connect(local_application(home, definitions, base_url="http://localhost"))


@pytest.fixture
def by_events(
    trained_home: Home,
    definitions: Mapping[str, Definition],
    bucket: str,
    aws_variables: dict[str, str],
    aws_environment: None,
    event_loop_of_the_process: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[httpx.Client]:
    """The handlers of the functions over S3, as fresh as after a cold start."""
    _copy(trained_home.registry, Registry(S3Storage(bucket, environment=aws_variables)))
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}")
    monkeypatch.setenv("DESPLIEGUE_UPLOADS", f"s3://{bucket}")
    monkeypatch.setenv("DESPLIEGUE_PREDICTIONS", "predictions")
    monkeypatch.setenv("DESPLIEGUE_BATCH_DAYS", "90")
    monkeypatch.setenv("DESPLIEGUE_BATCH_MEMORY_MB", "1769")
    monkeypatch.setenv("DESPLIEGUE_MODEL", MODEL)
    gateway = Gateway(definitions, _handler("control"), {MODEL: _handler("predict")})
    with httpx.Client(transport=gateway, base_url=EVENTS_URL) as client:
        yield client


@pytest.fixture
def by_network(deployed: Deployment) -> httpx.Client:
    return deployed.http


@pytest.fixture(params=["application", "events", "network"])
def api(request: pytest.FixtureRequest) -> httpx.Client:
    """churn has a version in production; what a test changes there, it puts back."""
    found: httpx.Client = request.getfixturevalue(f"by_{request.param}")
    return found


@pytest.fixture
def customer(definitions: Mapping[str, Definition]) -> Row:
    return dict(definitions[MODEL].examples[0])


def test_an_instance_several_and_a_wrapped_list_are_answered_alike(api: httpx.Client, customer: Row) -> None:
    bodies: list[Any] = [customer, [customer, customer], {"instances": [customer] * 3}]
    found = [data_of(api.post(f"/models/{MODEL}/predict", json=body)) for body in bodies]
    assert [len(one["predictions"]) for one in found] == [1, 2, 3]
    assert {one["version"] for one in found} == {data_of(api.get(f"/models/{MODEL}"))["version"]}
    first = found[0]["predictions"][0]
    assert first["score"] == max(first["scores"].values())
    assert {one["label"] for data in found for one in data["predictions"]} == {first["label"]}


def test_the_envelope_shows_the_request(api: httpx.Client, customer: Row) -> None:
    for answer in (api.get("/models"), api.post(f"/models/{MODEL}/predict", json=customer)):
        document = answer.json()
        assert document.keys() == ENVELOPE | {"data"}
        assert (document["message"], document["status-code"]) == ("OK", answer.status_code)
        assert document["method"] == answer.request.method
        assert document["url"].endswith(answer.request.url.path)


def test_every_fault_of_every_instance_is_listed(api: httpx.Client, customer: Row) -> None:
    bad = {**customer, "tenure": "12", "gender": "Female", "colour": "red"}
    answer = api.post(f"/models/{MODEL}/predict", json=[customer, bad])
    assert answer.status_code == 422
    assert {(*one["loc"], one["type"]) for one in answer.json()["errors"]} == {
        ("body", 1, "colour", "extra_forbidden"),
        ("body", 1, "gender", "enum"),
        ("body", 1, "tenure", "integer_type"),
    }


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"a,b", "text/csv", 415),
        (b"\xff\xfe[]", "application/json", 422),
    ],
)
def test_a_body_that_is_no_request_is_refused(
    api: httpx.Client, content: bytes, content_type: str, status: int
) -> None:
    headers = {"Content-Type": content_type}
    answer = api.post(f"/models/{MODEL}/predict", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "path",
    [
        "/models/chrun",
        f"/models/{MODEL}/versions/999999",
        f"/models/{MODEL}/args/nothing",
        f"/models/{MODEL}/jobs/{'0' * 32}",
    ],
)
def test_what_is_not_there_is_not_found(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["msg"]


def test_a_model_is_described_by_its_production_version(api: httpx.Client) -> None:
    model = data_of(api.get(f"/models/{MODEL}"))
    version = data_of(api.get(f"/models/{MODEL}/versions/{model['version']}"))
    assert model["metrics"] == version["metrics"]
    assert model["schema"]["properties"].keys() >= {"gender", "tenure"}
    whole = data_of(api.get(f"/models/{MODEL}/schema"))
    assert (whole["version"], whole["schema"]["properties"].keys()) == (
        version["version"],
        model["schema"]["properties"].keys(),
    )
    assert "x-training-range" in whole["schema"]["properties"]["tenure"]
    assert "x-training-range" not in model["schema"]["properties"]["tenure"]
    assert version["version"] in [one["version"] for one in data_of(api.get(f"/models/{MODEL}/versions"))["versions"]]
    args = data_of(api.get(f"/models/{MODEL}/args"))["args"]
    for name, value in args.items():
        assert data_of(api.get(f"/models/{MODEL}/args/{name}")) == {name: value}


def test_performance_is_filtered_and_an_unknown_filter_named(api: httpx.Client) -> None:
    overall = data_of(api.get(f"/models/{MODEL}/performance?filter=overall"))["performance"]
    assert overall["rows"] > 0
    unknown = api.get(f"/models/{MODEL}/performance?filter=nothing")
    assert unknown.status_code == 404
    assert "overall" in unknown.json()["errors"][0]["msg"]


def test_a_promotion_is_in_the_history_and_undone_by_another(api: httpx.Client) -> None:
    was = data_of(api.get(f"/models/{MODEL}/history"))["history"][0]
    path = f"/models/{MODEL}/production"
    pinned = data_of(api.put(path, json={"version": was["version"], "pin": True}))
    assert (pinned["version"], pinned["pinned"]) == (was["version"], True)
    assert data_of(api.get(f"/models/{MODEL}/history"))["history"][0]["serial"] == pinned["serial"] > was["serial"]
    assert data_of(api.put(path, json={"version": was["version"], "pin": was["pinned"]}))["pinned"] == was["pinned"]
    assert api.put(path, json={"version": 999_999}).status_code == 404
    assert api.put(path, json={"version": "1"}).status_code == 422


def test_a_trailing_slash_is_served_and_not_redirected(api: httpx.Client, customer: Row) -> None:
    assert api.post(f"/models/{MODEL}/predict/", json=customer).status_code == 200
    for path in ("versions/", "versions/1/", "performance/", "args/", "jobs/"):
        assert api.get(f"/models/{MODEL}/{path}").status_code == 200


def test_the_documentation_names_every_route(api: httpx.Client) -> None:
    assert api.get("/docs").headers["content-type"].startswith("text/html")
    paths = api.get("/openapi.json").json()["paths"]
    assert any(path.endswith("/predict") for path in paths)


def data_of(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def _handler(name: str) -> Handler:
    module = f"functions.inference.{name}_handler"
    sys.modules.pop(module, None)
    found: Handler = importlib.import_module(module).handler
    return found


def _copy(source: Registry, target: Registry) -> None:
    """The version in production and its pointer, as they are."""
    production = source.pointer(MODEL).production
    assert production is not None
    manifest = source.manifest(MODEL, production.version)
    folder = f"models/{MODEL}/versions/{production.version}"
    keys = [f"{folder}/{name}" for name in ("claim.json", *manifest.artifacts, "manifest.json")]
    for key in [*keys, f"models/{MODEL}/history/{production.serial}.json", f"models/{MODEL}/production.json"]:
        target.storage.write(key, source.storage.read(key).body)
