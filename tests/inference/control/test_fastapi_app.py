"""FastAPI's application: its own routers and plain routes side by side, and its faults in the envelope."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app


@pytest.fixture
def client(connect: Callable[[ASGIApp], httpx.Client]) -> httpx.Client:
    router = APIRouter()

    @router.get("/models/{model}/page")
    def page(model: str, number: int) -> dict[str, int]:
        return {model: number}

    async def predict(request: Request) -> Response:
        return Response(f"predicted by {request.path_params['model']}")

    routes = [Route("/models/{model}/predict", predict, methods=["POST"])]
    return connect(create_application(fastapi_app([router], routes)))


def test_plain_routes_and_routers_are_served_side_by_side(client: httpx.Client) -> None:
    assert client.post("/models/churn/predict/").text == "predicted by churn"
    assert client.get("/models/churn/page?number=3").json() == {"churn": 3}


def test_a_wrong_method_of_a_plain_route_names_the_right_one(client: httpx.Client) -> None:
    answer = client.get("/models/churn/predict")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_what_fastapi_refuses_is_a_fault_in_the_envelope(client: httpx.Client) -> None:
    answer = client.get("/models/churn/page?number=three")
    assert answer.status_code == 422
    assert answer.json()["message"] == "Unprocessable Entity"
    (fault,) = answer.json()["errors"]
    assert (fault["loc"], fault["type"]) == (["query", "number"], "int_parsing")


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_the_pages_of_fastapi_are_not_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404
