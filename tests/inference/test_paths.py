"""Trailing slashes, and one model at the root."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.definition import Definition
from functions.core.routes import RESOURCES
from functions.inference.paths import ForgivingPaths
from functions.local.application import local_application
from functions.local.home import Home


@pytest.fixture
def at_root(trained_home: Home, definitions: Mapping[str, Definition], connect: Any) -> httpx.Client:
    """The application that serves churn at the root as well."""
    application = local_application(trained_home, definitions, base_url="http://localhost", root_model="churn")
    client: httpx.Client = connect(application)
    return client


@pytest.mark.parametrize(
    "path",
    ["/models", "/models/churn", "/models/churn/jobs", "/models/churn/args/C", "/models/churn/versions/1", "/docs"],
)
@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_trailing_slash_is_served_and_not_redirected(reading: httpx.Client, path: str, slashes: str) -> None:
    answer = reading.get(path + slashes)
    assert answer.status_code == 200
    if path != "/docs":
        assert answer.json()["data"] == reading.get(path).json()["data"]


def test_a_trailing_slash_is_served_for_posts_and_with_a_query(
    reading: httpx.Client, definitions: Mapping[str, Definition]
) -> None:
    example = dict(definitions["churn"].examples[0])
    assert reading.post("/models/churn/predict/", json=example).status_code == 200
    performance = reading.get("/models/churn/performance/?filter=overall").json()["data"]["performance"]
    assert performance.keys() >= {"accuracy", "rows"}


@pytest.mark.parametrize("path", ["/performance", "/args", "/args/C", "/versions", "/versions/1", "/history", "/jobs"])
def test_the_root_model_answers_at_the_root_as_under_its_name(at_root: httpx.Client, path: str) -> None:
    answer = at_root.get(path)
    assert answer.status_code == 200
    assert answer.json()["data"] == at_root.get(f"/models/churn{path}").json()["data"]


def test_the_root_model_predicts_at_the_root(at_root: httpx.Client, definitions: Mapping[str, Definition]) -> None:
    example = dict(definitions["churn"].examples[0])
    for path in ("/predict", "/predict/", "/models/churn/predict"):
        assert at_root.post(path, json=example).json()["data"]["model"] == "churn"


def test_the_other_models_and_the_catalogue_stay_where_they_are(
    at_root: httpx.Client, definitions: Mapping[str, Definition]
) -> None:
    assert at_root.get("/").json()["data"]["models"] == ["car-price", "churn"]
    assert at_root.get("/docs").status_code == 200
    example = dict(definitions["car-price"].examples[0])
    assert at_root.post("/models/car-price/predict", json=example).json()["data"]["model"] == "car-price"


@pytest.mark.parametrize("path", ["/predict", "/args", "/retrain"])
def test_without_a_root_model_there_is_nothing_at_the_root(reading: httpx.Client, path: str) -> None:
    assert reading.get(path).status_code == 404


def test_every_resource_of_a_model_is_served_at_the_root() -> None:
    resources = "predict retrain uploads jobs versions production history performance args"
    assert set(resources.split()) <= RESOURCES
    assert not any("{" in name for name in RESOURCES)


@pytest.mark.parametrize(("path", "expected"), [("*", "*"), ("", "/"), ("//", "/"), ("/predicted", "/predicted")])
def test_odd_paths_reach_the_application(path: str, expected: str) -> None:
    seen: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])

    async def unused(message: object = None) -> None:
        pytest.fail("nothing is read or sent")

    forgiving: ASGIApp = ForgivingPaths(application, root_model="churn")
    asyncio.run(forgiving({"type": "http", "path": path}, unused, unused))  # type: ignore[arg-type]
    assert seen == [expected]
