"""Errors in the form of the Hugging Face Inference API: short, with a status, and without details of a crash."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from functions.core import errors
from functions.core.errors import Fault
from functions.inference.application import create_application
from functions.inference.protocols.hugging_face.errors import LONGEST_FAULT, MOST_FAULTS, HuggingFaceRoute

Failing = Callable[[Exception], httpx.Response]


@pytest.fixture
def failing(connect: Callable[[ASGIApp], httpx.Client]) -> Failing:
    """failing(error): the answer of a route that raises the error."""

    def answer(error: Exception) -> httpx.Response:
        async def fail(request: Request) -> Response:
            raise error

        return connect(create_application(Starlette(routes=[HuggingFaceRoute("/", fail)]))).post("/")

    return answer


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (errors.TooLargeError("too many"), 413, "too many"),
        (errors.UnsupportedMediaTypeError("send JSON"), 415, "send JSON"),
        (errors.DamagedVersionError("damaged"), 503, "damaged"),
        (errors.InvalidInputError([Fault((), "wrong", "x")]), 422, "wrong"),
        (errors.InvalidInputError([Fault(("inputs", 1, "context"), "missing", "x")]), 422, "inputs.1.context: missing"),
        (errors.InvalidInputError([Fault(("a",), "b", "x"), Fault(("c",), "d", "x")]), 422, "a: b; c: d"),
    ],
)
def test_an_error_is_its_text_and_its_status(failing: Failing, error: Exception, status: int, text: str) -> None:
    answer = failing(error)
    assert (answer.status_code, answer.json()) == (status, {"error": text})
    assert ("retry-after" in answer.headers) is (status == 503)


def test_a_model_that_is_not_ready_says_when_it_may_be(failing: Failing) -> None:
    answer = failing(errors.NotReadyError("no version yet"))
    assert answer.status_code == 503
    assert answer.json() == {"error": "no version yet", "estimated_time": float(answer.headers["retry-after"])}


def test_many_faults_and_long_ones_are_cut(failing: Failing) -> None:
    faults = [Fault(("inputs", row), "x" * 1000, "x") for row in range(MOST_FAULTS + 5)]
    text = failing(errors.InvalidInputError(faults)).json()["error"]
    *shown, more = text.split("; ")
    assert more == "and 5 more"
    assert [len(fault) for fault in shown] == [LONGEST_FAULT + len("...")] * MOST_FAULTS


def test_an_unexpected_error_is_logged_and_not_shown(failing: Failing, caplog: pytest.LogCaptureFixture) -> None:
    answer = failing(RuntimeError("a secret"))
    assert (answer.status_code, answer.json()) == (500, {"error": "an unexpected error; it was logged"})
    assert "a secret" in caplog.text
