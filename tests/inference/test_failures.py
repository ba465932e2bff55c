"""Errors as HTTP answers: one table of statuses, the envelope, and no detail of a crash."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.core import errors
from functions.core.definition import Definition
from functions.core.jobs import LeaseHeldError
from functions.inference import failures
from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app
from functions.local.application import local_application
from functions.local.home import Home
from tests.core.test_routes import definition

Connect = Callable[[ASGIApp], httpx.Client]


@pytest.fixture
def empty(definitions: Mapping[str, Definition], connect: Connect, tmp_path: Any) -> httpx.Client:
    """The application before anything was trained."""
    return connect(local_application(Home(tmp_path), definitions, base_url="http://localhost"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFoundError("model", "x"), 404),
        (errors.InvalidInputError([errors.Fault((), "wrong", "wrong")]), 422),
        (errors.TooLargeError("x"), 413),
        (errors.TooSlowError("x"), 408),
        (errors.UnsupportedMediaTypeError("x"), 415),
        (errors.ConflictError("x"), 409),
        (LeaseHeldError("x"), 409),
        (errors.PreconditionFailedError("x"), 409),
        (errors.NotReadyError("x"), 503),
        (errors.DamagedVersionError("x"), 503),
        (errors.DamagedRecordError("x"), 503),
        (errors.DiskError("x", OSError(28, "full")), 503),
        (errors.UnsupportedFormatError("x"), 503),
        (errors.ObjectNotFoundError("x"), 503),
        (errors.ParityError("x"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_every_error_has_its_status_and_503_says_when_to_retry(
    connect: Connect, error: errors.DespliegueError, status: int
) -> None:
    router = APIRouter()

    @router.get("/fail")
    def fail() -> None:
        raise error

    answer = connect(create_application(fastapi_app([router]))).get("/fail")
    assert answer.status_code == status == failures.status_of(error)
    assert answer.json()["errors"]
    assert ("retry-after" in answer.headers) == (status == 503)


ROLE = "arn:aws:sts::123456789012:assumed-role/predict"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            errors.StorageError(f"S3 failed at 'models/a': {ROLE} is not authorized"),
            "the storage cannot be read or written now: try again; the log has the reason",
        ),
        (
            errors.DiskError(f"/home/{ROLE}/registry", OSError(28, "No space left on device")),
            "the disk refuses: No space left on device: free some space; the log has the path",
        ),
        (
            errors.DiskError("/home/x", OSError(f"a text with {ROLE}")),
            "the disk refuses: OSError: look at this path; the log has the path",
        ),
    ],
)
def test_paths_and_the_texts_of_a_cloud_are_logged_and_not_answered(
    connect: Connect, caplog: pytest.LogCaptureFixture, error: errors.StorageError, shown: str
) -> None:
    router = APIRouter()

    @router.get("/fail")
    def fail() -> None:
        raise error

    answer = connect(create_application(fastapi_app([router]))).get("/fail")
    assert (answer.status_code, answer.json()["errors"][0]["msg"]) == (503, shown)
    assert str(error) in caplog.text


def test_an_error_is_answered_without_a_thread(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "logThreads", True)  # which a function on Lambda does without

    async def fail(request: Request) -> Response:
        raise errors.StorageError("out of reach")

    sent: list[Any] = []
    _drive(create_application(Starlette(routes=[Route("/fail", fail)])), "/fail", sent)
    assert sent[0]["status"] == 503
    assert [record.threadName for record in caplog.records] == [threading.current_thread().name]


def test_an_unexpected_error_is_logged_and_tells_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    router = APIRouter()

    @router.get("/fail")
    def fail() -> None:
        raise RuntimeError("a secret")

    sent: list[Any] = []
    application = create_application(fastapi_app([router]))
    with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError):
        _drive(application, "/fail", sent)
    assert sent[0]["status"] == 500
    assert b"internal_error" in sent[1]["body"]
    assert b"secret" not in sent[1]["body"]
    assert "a secret" in caplog.text


@pytest.mark.parametrize("path", ["/models/churn/performance", "/models/churn/args", "/models/churn/args/C"])
def test_before_the_first_version_its_figures_are_not_ready(empty: httpx.Client, path: str) -> None:
    answer = empty.get(path)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "train" in answer.json()["errors"][0]["msg"]


def test_before_the_first_version_predict_is_not_ready(
    empty: httpx.Client, definitions: Mapping[str, Definition]
) -> None:
    answer = empty.post("/models/churn/predict", json=dict(definitions["churn"].examples[0]))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["errors"][0]["type"] == "not_ready"


@pytest.mark.parametrize("name", ["versions", "history", "jobs"])
def test_before_the_first_version_lists_are_empty(empty: httpx.Client, name: str) -> None:
    data = empty.get(f"/models/churn/{name}").json()["data"]
    assert (data[name], data["total"]) == ([], 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/models/boats"),
        ("POST", "/models/boats/predict"),
        ("POST", "/models/boats/retrain"),
        ("POST", "/models/boats/uploads"),
        ("GET", "/models/boats/jobs"),
        ("GET", "/models/boats/jobs/" + "0" * 32),
        ("GET", "/models/boats/versions"),
        ("GET", "/models/boats/versions/1"),
        ("GET", "/models/boats/history"),
        ("GET", "/models/boats/performance"),
        ("GET", "/models/boats/args"),
        ("GET", "/models/boats/args/C"),
    ],
)
def test_an_unknown_model_is_refused_with_the_known_ones_everywhere(
    reading: httpx.Client, method: str, path: str
) -> None:
    answer = reading.request(method, path)
    assert answer.status_code == 404
    (error,) = answer.json()["errors"]
    assert error["type"] == "not_found"
    assert "known: car-price, churn" in error["msg"]


@pytest.mark.parametrize(
    "path",
    [
        "/models/churn/jobs/unknown",
        "/models/churn/jobs/a%5Cb",
        "/models/churn/jobs/%00",
        "/models/churn/jobs/%2e%2e",
        "/models/churn/jobs/" + "a" * 500,
        "/models/churn/jobs/" + "0" * 32,
        "/models/churn/versions/7",
        "/models/churn/versions/0",
        "/models/churn/versions/-1",
        "/models/churn/versions/" + "9" * 300,
        "/models/churn/args/unknown",
        "/models/churn/args/%ff",
        "/models/churn/performance?filter=unknown",
        "/models/churn/performance?filter=",
        "/models/%ff",
        "/models/churn%00",
        "/models/..%2f",
        "/docs/unknown.js",
        "/docs/%2e%2e",
        "/nowhere",
        "/models/churn/unknown",
    ],
)
def test_what_is_not_there_is_not_found(reading: httpx.Client, path: str) -> None:
    answer = reading.get(path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["msg"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/models/churn/predict", "POST"),
        ("GET", "/models/churn/retrain", "POST"),
        ("POST", "/models/churn/production", "GET, PUT, HEAD"),
        ("DELETE", "/models/churn", "GET, HEAD"),
        ("PATCH", "/models/churn/versions/1", "GET, HEAD"),
        ("OPTIONS", "/models/churn/jobs", "GET, HEAD"),
        ("OPTIONS", "/models/churn/predict", "POST"),
        ("HEAD", "/models/churn/predict", "POST"),
    ],
)
def test_another_method_is_refused_with_the_allowed_ones(
    reading: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = reading.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
    if method != "HEAD":
        (error,) = answer.json()["errors"]
        assert (error["type"], error["msg"].endswith(f", which takes {allowed}")) == ("http_405", True)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "path", ["/models/nope", "/models/nope/predict", "/models/nope/jobs", "/models/nope/production"]
)
def test_a_wrong_name_of_a_model_is_not_found_whatever_the_method(
    reading: httpx.Client, method: str, path: str
) -> None:
    answer = reading.request(method, path, json={"inputs": "x"})
    assert answer.status_code == 404
    assert "no model 'nope'; known: " in answer.json()["errors"][0]["msg"]


def test_a_hub_id_is_no_wrong_name(connect: Connect) -> None:
    router = APIRouter()

    @router.post("/models/Owner/name")
    def answer() -> None:
        pass

    becas = definition("becas", "question-answering", "Owner/name")
    assert connect(create_application(fastapi_app([router]), [becas])).get("/models/Owner/name").status_code == 405


def test_a_damaged_version_is_unavailable_until_it_is_rolled_back(
    home: Home, definitions: Mapping[str, Definition], connect: Connect
) -> None:
    graph = home.root / "registry/models/churn/versions/1/model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1])
    client = connect(local_application(home, definitions, base_url="http://localhost"))
    answer = client.post("/models/churn/predict", json=dict(definitions["churn"].examples[0]))
    assert answer.status_code == 503
    assert client.get("/models/churn").status_code == 200


def _drive(application: ASGIApp, path: str, sent: list[Any]) -> None:
    """Send one GET, and keep what the application sends even if it raises afterwards."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "server": ("localhost", 80),
        "scheme": "http",
    }
    asyncio.run(application(scope, receive, send))  # type: ignore[arg-type]
