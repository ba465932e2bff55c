"""An event whose route key is one route and whose path is another: the authorised one is served, or none."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Scope

from functions.core.definition import Definition
from functions.core.routes import fits, gateway_routes, route_of
from functions.inference.authorised_route import AuthorisedRoute
from tests.core.test_routes import definition

MODELS = [definition("churn", "tabular-classification"), definition("becas", "question-answering", "Owner/name")]
ANA = "ana"
MODEL = "GET /models/{model}"


def ask(path: str, key: str | None, *, token: str | None = None, models: list[Definition] = MODELS) -> tuple[int, Any]:
    """The status and the answer; 200 is the application's own."""
    authorizer = {"authorizer": {"lambda": {"token": token}}} if token else {}
    event = {"requestContext": authorizer} | ({"routeKey": key} if key else {})
    scope: Scope = {
        "type": "http",
        "method": key.split()[0] if key else "GET",
        "scheme": "https",
        "path": path,
        "query_string": b"",
        "headers": [],
        "aws.event": event,
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(AuthorisedRoute(PlainTextResponse('"served"'), gateway_routes(models))(scope, receive, send))
    return sent[0]["status"], orjson.loads(sent[1]["body"])


@pytest.mark.parametrize("below", ["jobs", "history", "versions", "versions/1", "performance", "args", "jobs/1"])
@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_a_public_route_does_not_lead_into_one_that_needs_a_token(below: str, slash: str) -> None:
    """Mangum decodes the path once more: %2F arrives here as a slash, %252F as %2F."""
    status, answer = ask(f"/models/churn{slash}{below}", MODEL)
    assert status == (404 if slash == "/" or "/" in below else 200)
    if status == 404:
        assert answer["errors"][0]["type"] == "http_404"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", "GET /"),
        ("/models/churn", MODEL),
        ("/models/churn/jobs", "GET /models/{model}/jobs"),
        ("/models/churn/jobs", "GET /models/{model}/jobs/{proxy+}"),
        ("/models/churn/versions/2", "GET /models/{model}/versions/{version}"),
        ("/models/churn/versions/2", "GET /models/{model}/versions/{proxy+}"),
        ("/models/churn/jobs/1", "GET /models/{model}/jobs/{proxy+}"),
        ("/models/churn/predict", "POST /models/churn/predict"),
        ("/models/Owner/name", "POST /models/Owner/name"),
    ],
)
def test_the_route_that_was_authorised_is_served(path: str, key: str) -> None:
    assert ask(path, key, token=ANA) == (200, "served")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/models/churn/jobs/1", "GET /models/{model}/versions/{proxy+}"),
        ("/models/churn/jobs/1/2", "GET /models/{model}/jobs/{proxy+}"),
        ("/models/churn/retrain", "POST /models/churn/predict/{proxy+}"),
        ("/models/churn/predict", "POST /models/becas/predict"),
        ("/models/churn", "GET /models"),
        ("/models/churn", "GET /nothing"),
        ("/models/churn", None),
        ("/models/", MODEL),
    ],
)
def test_another_route_than_the_authorised_one_is_not_found(path: str, key: str | None) -> None:
    assert ask(path, key, token=ANA)[0] == 404


@pytest.mark.parametrize(
    ("path", "key"),
    [("/models/churn/jobs", "GET /models/{model}/jobs"), ("/models/churn/predict", "POST /models/churn/predict")],
)
def test_a_route_that_needs_a_token_is_not_served_without_one(path: str, key: str) -> None:
    status, answer = ask(path, key)
    assert status == 401
    assert answer["message"] == "Unauthorized"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/models/churn", "/models/{model}"),
        ("GET", "/models/churn/jobs", "/models/{model}/jobs"),
        ("POST", "/models/churn/predict", "/models/{model}/predict"),
        ("POST", "/models/owner/name", "/models/{hub_id}"),
        ("GET", "/models/owner/name", None),
        ("DELETE", "/models", None),
    ],
)
def test_the_route_of_a_path(method: str, path: str, expected: str | None) -> None:
    found = route_of(method, path)
    assert (found.path if found else None) == expected


def test_a_variable_holds_exactly_one_part() -> None:
    assert fits("/models/{model}", "/models/a b")
    assert not fits("/models/{model}", "/models/")
    assert not fits("/models/{model}", "/models/a/b")
