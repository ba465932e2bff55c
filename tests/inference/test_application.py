"""An application made of routers: HEAD on every GET, errors in the envelope, and no routes but its own."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import APIRouter
from starlette.types import ASGIApp

from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app

Connect = Callable[[ASGIApp], httpx.Client]


@pytest.fixture
def client(connect: Connect) -> httpx.Client:
    """An application with one route to read and one to write."""
    router = APIRouter()

    @router.get("/models/{model}/weight")
    def weight(model: str) -> dict[str, str]:
        return {"weight of": model}

    @router.post("/models/{model}/predict")
    def predict(model: str) -> dict[str, str]:
        return {"predicted by": model}

    return connect(create_application(fastapi_app([router]), root_model="churn"))


@pytest.mark.parametrize(
    "path", ["/", "/models", "/models/churn/", "/models/boats", "/nowhere", "/docs", "/openapi.json"]
)
def test_head_answers_as_get_without_the_body(reading: httpx.Client, path: str) -> None:
    # compressed, two answers with different timestamps may differ by a byte
    plain = {"Accept-Encoding": "identity"}
    head, get = reading.head(path, headers=plain), reading.get(path, headers=plain)
    assert head.status_code == get.status_code
    assert head.content == b""
    assert head.headers == get.headers


def test_head_of_any_get_has_the_length_of_the_body_it_leaves_out(client: httpx.Client) -> None:
    answer = client.head("/models/churn/weight")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(client.get("/models/churn/weight").content))


def test_head_is_not_answered_where_get_is_not(client: httpx.Client) -> None:
    assert client.head("/models/churn/predict").status_code == 405


def test_the_root_model_is_served_at_the_root_too(client: httpx.Client) -> None:
    assert client.post("/predict").json() == client.post("/models/churn/predict").json() == {"predicted by": "churn"}


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/"])
def test_there_are_no_routes_but_those_of_the_routers(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["type"] == "http_404"
