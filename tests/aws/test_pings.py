"""Pings, told apart from every other event that a function receives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.aws.pings import is_ping

EVENTS = Path(__file__).resolve().parents[1] / "events"


@pytest.mark.parametrize(
    "event",
    [
        {"source": "despliegue.ping"},
        {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
        {"source": "serverless-plugin-warmup"},
    ],
)
def test_an_event_of_a_schedule_or_a_plugin_is_a_ping(event: dict[str, Any]) -> None:
    assert is_ping(event)


@pytest.mark.parametrize(
    "name", ["cloudformation_create", "http_api_authorizer", "http_api_get", "http_api_post", "sqs_two_messages"]
)
def test_no_other_event_of_a_function_is_one_even_if_it_names_a_source(name: str) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_bytes())
    assert not is_ping(event)
    assert not is_ping({**event, "source": "somebody"})


def test_an_empty_event_is_none() -> None:
    assert not is_ping({})
