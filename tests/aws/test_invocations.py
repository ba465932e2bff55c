"""The ids of an invocation, in the lines that are logged while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from functions.aws.invocations import LambdaContext, identified
from functions.aws.logs import JsonLines
from tests.inference.handlers import GET
from tests.lambda_context import Context


@pytest.fixture(autouse=True)
def ids_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JsonLines, "ids", {})


def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, object]:
    """What it does."""
    return JsonLines.ids


def test_lines_have_the_ids_of_their_invocation_and_the_first_says_that_it_is_cold() -> None:
    identify, context = identified(handler), Context()
    first, second = identify(GET, context), identify(GET, Context(aws_request_id="another"))
    assert first == {
        "cold_start": True,
        "function_name": context.function_name,
        "function_memory_size": 1024,
        "function_arn": context.invoked_function_arn,
        "function_request_id": context.aws_request_id,
        "correlation_id": GET["requestContext"]["requestId"],
    }
    assert (second["cold_start"], second["function_request_id"]) == (False, "another")


def test_the_handler_keeps_its_name() -> None:
    assert (identified(handler).__name__, identified(handler).__doc__) == ("handler", "What it does.")


@pytest.mark.parametrize(
    ("event", "correlation_id"),
    [
        ({"RequestType": "Create", "RequestId": "of CloudFormation"}, "of CloudFormation"),
        ({"Records": []}, None),
        ({"requestContext": None}, None),
        ({"requestContext": {}}, None),
        ([], None),
        (None, None),
    ],
)
def test_any_other_event_has_its_own_id_or_none(event: Any, correlation_id: str | None) -> None:
    assert identified(handler)(event, Context())["correlation_id"] == correlation_id
