"""Plain routes, served without the layers of an application, and all other requests with them."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.core.errors import NotReadyError
from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.plain_routes import PlainRoutesFirst

ANSWERS: dict[str, Exception | None] = {
    "fine": None,
    "early": NotReadyError("train it first"),
    "broken": RuntimeError("a secret"),
}


async def predict(request: Request) -> Response:
    error = ANSWERS[request.path_params["model"]]
    if error is not None:
        raise error
    return Response("predicted")


ROUTES = [Route("/models/{model}/predict", predict, methods=["POST"])]


@pytest.fixture(params=[PlainRoutesFirst(ROUTES), fastapi_app([], ROUTES)], ids=["lambda", "laptop"])
def app(request: pytest.FixtureRequest) -> Starlette:
    found: Starlette = request.param
    return found


@pytest.fixture
def client(app: Starlette, connect: Callable[[ASGIApp], httpx.Client]) -> httpx.Client:
    return connect(create_application(app))


def test_a_request_that_fits_a_route_is_answered_by_it(client: httpx.Client) -> None:
    assert client.post("/models/fine/predict").text == "predicted"
    assert client.post("/models/fine/predict/").text == "predicted"


def test_what_a_route_raises_is_answered_by_the_handlers_of_the_application(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    early = client.post("/models/early/predict")
    assert (early.status_code, early.json()["errors"][0]["msg"]) == (503, "train it first")
    with caplog.at_level(logging.ERROR):
        broken = client.post("/models/broken/predict")
    assert (broken.status_code, broken.json()["errors"][0]["type"]) == (500, "internal_error")
    assert "a secret" not in broken.text
    assert "a secret" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/models/fine/predict", 405), ("POST", "/models/fine", 404), ("GET", "/", 404)],
)
def test_any_other_request_is_refused_by_the_application(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()["errors"][0]["type"]) == (status, f"http_{status}")


def test_layers_see_what_fits_no_route_alone(connect: Callable[[ASGIApp], httpx.Client]) -> None:
    app = PlainRoutesFirst(ROUTES)
    seen: list[str] = []

    class Layer:
        def __init__(self, inner: ASGIApp) -> None:
            self._inner = inner

        async def __call__(self, scope: dict[str, str], receive: object, send: object) -> None:
            seen.append(scope["path"])
            await self._inner(scope, receive, send)  # type: ignore[arg-type]

    app.add_middleware(Layer)  # type: ignore[arg-type]
    client = connect(create_application(app))
    client.post("/models/fine/predict")
    client.post("/nowhere")
    assert seen == ["/nowhere"]
