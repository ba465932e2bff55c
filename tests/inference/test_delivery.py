"""Answers that Lambda can deliver, compressed for clients that take gzip, kept by no cache, guessed by no browser."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Response
from mangum import Mangum
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

from functions.inference.application import create_application
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.delivery import (
    INLINE_BYTES,
    LAMBDA_ANSWER_BYTES,
    WORTH_COMPRESSING_BYTES,
    bytes_in_json,
    takes_gzip,
)
from functions.inference.protocols.hugging_face.errors import HuggingFaceRoute
from tests.inference.handlers import GET
from tests.lambda_context import Context

Connect = Callable[[ASGIApp], httpx.Client]
PLAIN = {"Accept-Encoding": "identity"}

pytestmark = pytest.mark.usefixtures("event_loop_of_the_process")
"""Some of the answers go through Mangum, which takes the loop that it finds, or makes one that nobody closes."""


def answering(content: str, *, media_type: str = "application/json") -> ASGIApp:
    """An application that answers GET / with `content`."""

    async def content_at_root(request: Request) -> Response:
        return Response(content, media_type=media_type)

    return create_application(Starlette(routes=[Route("/", content_at_root)]))


def returned(app: ASGIApp, **headers: str) -> dict[str, Any]:
    """The object that a Lambda function with this application returns."""
    event = deepcopy(GET)
    event["requestContext"]["http"]["path"] = "/"
    event["headers"] |= headers
    application: Any = app
    answer: dict[str, Any] = Mangum(application, lifespan="off")(event, Context())  # type: ignore[arg-type]
    return answer


def quotes(characters: int) -> str:
    """JSON whose quotes make it half as long again within other JSON."""
    return json.dumps(["x"] * (characters // 5))


@pytest.mark.parametrize("text", [quotes(4_600_000), json.dumps("ñ" * 1_050_000, ensure_ascii=False)])
def test_an_answer_is_refused_before_lambda_would_refuse_it(
    text: str, connect: Connect, event_loop_of_the_process: None
) -> None:
    answer = connect(answering(text)).get("/", headers=PLAIN)
    assert answer.status_code == 413
    (fault,) = answer.json()["errors"]
    assert fault["type"] == "too_large"
    assert "page_size" in fault["msg"]
    assert "Accept-Encoding: gzip" in fault["msg"]
    assert returned(answering(text), **{"accept-encoding": "identity"})["statusCode"] == 413


async def quote(request: Request) -> Response:
    return Response(quotes(7_000_000), media_type="application/json")


QUOTING = HuggingFaceRoute("/", quote)


@pytest.mark.parametrize("app", [Starlette(routes=[QUOTING]), fastapi_app([], [QUOTING])], ids=["lambda", "laptop"])
def test_hugging_face_refuses_in_its_own_form(connect: Connect, app: Starlette) -> None:
    answer = connect(create_application(app)).post("/", headers=PLAIN)
    assert (answer.status_code, list(answer.json())) == (413, ["error"])
    assert "fewer instances" in answer.json()["error"]


def test_a_client_that_takes_gzip_gets_a_larger_answer(connect: Connect, event_loop_of_the_process: None) -> None:
    text = quotes(7_000_000)
    answer = connect(answering(text)).get("/", headers={"Accept-Encoding": "gzip, deflate"})
    assert (answer.status_code, answer.text) == (200, text)
    on_lambda = returned(answering(text), **{"accept-encoding": "gzip"})
    assert (on_lambda["statusCode"], on_lambda["isBase64Encoded"]) == (200, True)


@pytest.mark.parametrize("text", [quotes(4_000_000), json.dumps("ñ" * 900_000, ensure_ascii=False)])
def test_the_count_is_the_one_of_lambda(text: str, event_loop_of_the_process: None) -> None:
    answer = returned(answering(text), **{"accept-encoding": "identity"})
    whole = len(json.dumps(answer))
    assert answer["statusCode"] == 200
    assert whole - 1_000 < bytes_in_json(text.encode(), is_base64=False) < whole < LAMBDA_ANSWER_BYTES


def test_base64_counts_four_for_three() -> None:
    assert [bytes_in_json(b"x" * size, is_base64=True) for size in (0, 1, 3, 4)] == [0, 4, 4, 8]


@pytest.mark.parametrize("size", [WORTH_COMPRESSING_BYTES, INLINE_BYTES + 1])
def test_answers_are_compressed_for_who_asks(size: int, connect: Connect) -> None:
    client = connect(answering("x" * size, media_type="text/css"))
    with client.stream("GET", "/", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert len(packed) == int(answer.headers["content-length"]) < size
    assert gzip.decompress(packed) == b"x" * size
    plain = client.get("/", headers=PLAIN)
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("size", "media_type"), [(WORTH_COMPRESSING_BYTES - 1, "text/css"), (9_000, "image/png")])
def test_what_would_not_shrink_is_sent_as_it_is(size: int, media_type: str, connect: Connect) -> None:
    answer = connect(answering("x" * size, media_type=media_type)).get("/", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers
    assert len(answer.content) == size


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.00, *", False),
        ("*", True),
        ("*;q=0", False),
        ("identity, br", False),
        ("gzip;q=1.0", True),
    ],
)
def test_accepted_encodings(accepted: str, expected: bool) -> None:
    assert takes_gzip(accepted) is expected


def test_no_cache_keeps_an_answer_that_does_not_ask_for_it(reading: httpx.Client) -> None:
    for path in ("/", "/models", "/models/churn/jobs", "/nowhere"):
        assert reading.get(path).headers["cache-control"] == "no-store"
    assert "max-age" in reading.get("/docs/swagger-ui.css").headers["cache-control"]


def test_an_unexpected_error_is_still_answered_in_the_envelope() -> None:
    router = APIRouter()

    @router.get("/")
    def broken() -> None:
        raise RuntimeError("a secret")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_application(fastapi_app([router])), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get("/")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["errors"][0]["type"]) == (500, "internal_error")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/models", 200),
        ("GET", "/docs", 200),
        ("GET", "/docs/favicon.png", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/nothing", 404),
        ("DELETE", "/models", 405),
        ("POST", "/models/churn/predict", 422),
    ],
)
def test_every_answer_is_only_what_its_type_says(reading: httpx.Client, method: str, path: str, status: int) -> None:
    answer = reading.request(method, path)
    assert answer.status_code == status
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


def test_a_refused_answer_is_only_what_its_type_says_too() -> None:
    refused = returned(answering(quotes(LAMBDA_ANSWER_BYTES)), **{"accept-encoding": "identity"})
    assert refused["statusCode"] == 413
    assert refused["headers"]["x-content-type-options"] == "nosniff"
