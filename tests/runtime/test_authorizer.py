"""The authorizer under Lambda's own runtime client: it starts, decides, and survives what is sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions.core.tokens import make_token
from tests.secrets_manager import secret_with

EVENT: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[1] / "events" / "http_api_authorizer.json").read_bytes()
)
AUTHORIZER = "functions.authorizer.handler.handler"
Start = Callable[..., Any]


def test_the_authorizer_decides_and_survives_a_bad_header(aws_environment: None, start: Start) -> None:
    record, token = make_token("ana", ["predict"], now=datetime.now(UTC))
    function = start(AUTHORIZER, DESPLIEGUE_TOKENS=secret_with(record), POWERTOOLS_LOGGER_LOG_EVENT="true")
    assert function.init_error is None
    assert function(_with(f"Bearer {token}")) == {"isAuthorized": True, "context": {"token": "ana"}}
    for header in ("", "Bearer", f"Basic {token}", f"Bearer {token}\ud800", "x" * 10_000):
        assert function(_with(header)) == {"isAuthorized": False, "context": {}}
    assert function(_with(f"bearer {token}"))["isAuthorized"] is True
    assert function.is_running
    lines = [json.loads(line) for line in function.log.splitlines()]
    assert [line["message"] for line in lines if "reason" in line] == ["accepted", *["refused"] * 5, "accepted"]
    assert {(line["service"], line["correlation_id"]) for line in lines if "reason" in line} == {
        ("despliegue-under-test", EVENT["requestContext"]["requestId"])
    }
    assert token not in function.log


def test_the_authorizer_without_its_settings_does_not_start_and_says_which(start: Start) -> None:
    function = start(AUTHORIZER)
    assert function.init_error is not None
    assert function.init_error["errorType"] == "SettingError"
    assert "DESPLIEGUE_TOKENS" in function.init_error["errorMessage"]


def _with(header: str) -> dict[str, Any]:
    return {**EVENT, "identitySource": [header], "headers": {**EVENT["headers"], "authorization": header}}
