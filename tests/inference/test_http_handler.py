"""Events answered by an application, with a line in the log and a line of metrics for each."""

from __future__ import annotations

import asyncio
import json
from copy import deepcopy
from typing import Any

import pytest
from fastapi import APIRouter
from mangum import Mangum
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.aws.logs import json_logger
from functions.core.registry import Registry
from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.http_handler import HttpHandler, MangumAtOnce, RequestFacts
from tests.inference.handlers import (
    CUSTOMER,
    GET,
    POST,
    POST_BASE64,
    MetricLines,
    Publish,
    Start,
    at,
    facts_of,
)
from tests.lambda_context import Context


@pytest.mark.parametrize("name", ["predict", "control"])
def test_a_request_is_one_line_of_the_log_without_what_was_sent(
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


def test_the_facts_are_taken_after_the_answer_and_join_the_metrics_of_the_request(
    metrics: MetricLines, event_loop_of_the_process: None
) -> None:
    counts: dict[str, float] = {}
    router = APIRouter()

    @router.get("/")
    def health() -> dict[str, str]:
        counts["Rows"] = 3
        return {"state": "well"}

    handler: Any = HttpHandler(create_application(fastapi_app([router])), json_logger())
    answer = handler.answer(GET, Context(), lambda: RequestFacts({"model": "churn"}, counts=counts))
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"state": "well"})
    assert [facts_of(line) for line in metrics()] == [{"model": "churn", "Rows": [3.0]}]


@pytest.mark.parametrize(("slow_share", "counted"), [(0.8, [1.0]), (1_000_000.0, None), (None, None)])
def test_an_answer_that_takes_most_of_the_time_of_the_function_is_counted_as_slow(
    metrics: MetricLines, event_loop_of_the_process: None, slow_share: float | None, counted: list[float] | None
) -> None:
    handler: Any = HttpHandler(create_application(fastapi_app([])), json_logger(), slow_share=slow_share)
    handler.answer(GET, Context(remaining_milliseconds=0 if slow_share == 0.8 else 1), lambda: RequestFacts({}))
    (line,) = metrics()
    assert line.get("SlowAnswers") == counted


@pytest.mark.parametrize(
    "event",
    [
        {"source": "serverless-plugin-warmup"},
        {"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
    ],
)
def test_a_ping_is_no_error_and_no_request(
    event: dict[str, Any],
    metrics: MetricLines,
    event_loop_of_the_process: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler: Any = HttpHandler(create_application(fastapi_app([])), json_logger())
    with caplog.at_level("INFO"):
        assert handler.answer(event, Context(), lambda: RequestFacts({})) == {"statusCode": 204}
    assert (metrics(), caplog.records) == ([], [])


def test_an_event_of_another_kind_is_recorded_as_a_server_error(
    metrics: MetricLines, event_loop_of_the_process: None, caplog: pytest.LogCaptureFixture
) -> None:
    handler: Any = HttpHandler(create_application(fastapi_app([])), json_logger())
    with caplog.at_level("INFO"), pytest.raises(RuntimeError, match="adapter"):
        handler.answer({"a": "test event of the console"}, Context(), lambda: RequestFacts({"model": None}))
    assert [facts_of(line) for line in metrics()] == [{"ServerErrors": [1.0]}]
    assert [vars(record)["status"] for record in caplog.records if record.getMessage() == "request answered"] == [500]


async def _echoed(request: Request) -> Response:
    return Response(await request.body(), headers={"Set-Cookie": "a=1", "X-Query": request.url.query})


async def _broken(request: Request) -> Response:
    raise ZeroDivisionError(request.method)


async def _waiting(request: Request) -> Response:
    await asyncio.sleep(0)
    return Response()


ROUTES = [
    Route(path, endpoint, methods=["GET", "POST"])
    for path, endpoint in {"/echoed": _echoed, "/broken": _broken, "/waiting": _waiting}.items()
]


@pytest.mark.parametrize("path", ["/echoed", "/broken", "/nothing"])
@pytest.mark.parametrize("template", [GET, POST, POST_BASE64])
def test_without_an_event_loop_an_application_answers_the_same(
    template: dict[str, Any], path: str, event_loop_of_the_process: None
) -> None:
    event = at(template, template["requestContext"]["http"]["method"], path)
    application: Any = create_application(Starlette(routes=ROUTES))
    usual, at_once = (kind(application, lifespan="off")(event, Context()) for kind in (Mangum, MangumAtOnce))  # type: ignore[arg-type]
    for answer in (usual, at_once):
        if answer["headers"]["content-type"] == "application/json" and path != "/echoed":
            answer["body"] = {**json.loads(answer["body"]), "timestamp": "now"}
    assert at_once == usual


def test_an_application_that_waits_is_told_that_it_needs_an_event_loop(
    metrics: MetricLines, event_loop_of_the_process: None
) -> None:
    application = create_application(Starlette(routes=ROUTES))
    handler: Any = HttpHandler(application, json_logger(), adapter=MangumAtOnce)
    with pytest.raises(RuntimeError, match="event loop"):
        handler.answer(at(GET, "GET", "/waiting"), Context(), lambda: RequestFacts({}))
    assert [facts_of(line) for line in metrics()] == [{"ServerErrors": [1.0]}]
