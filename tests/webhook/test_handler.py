"""The sender of webhooks, with whole events of EventBridge, a real client of Secrets Manager and a real receiver."""

from __future__ import annotations

import hashlib
import hmac
import importlib
import sys
from types import ModuleType
from typing import Any

import orjson
import pytest

from functions.core.announcements import Announcement
from functions.core.webhooks import SIGNATURE, WebhookError
from tests.core.test_webhooks import receiver
from tests.lambda_context import Context
from tests.secrets_manager import new_secret

SIGNING = "a-secret-of-the-tests-alone"
ENDED = Announcement("batch", "churn", "a" * 32, "partial", "2026-11-29T00:00:00.000000Z", version=3, done=9, refused=1)
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "17793124-05d4-b198-2fde-7ededc63b103",
    "detail-type": ENDED.event,
    "source": "despliegue",
    "account": "123456789012",
    "time": "2026-11-29T00:00:01Z",
    "region": "eu-west-1",
    "resources": ["despliegue-prod"],
    "detail": orjson.loads(ENDED.to_json()),
}


def loaded(url: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("DESPLIEGUE_WEBHOOK_URL", url)
    monkeypatch.setenv("DESPLIEGUE_WEBHOOK_SECRET", new_secret(SIGNING))
    monkeypatch.setattr("functions.core.webhooks.PAUSES_SECONDS", ())
    sys.modules.pop("functions.webhook.handler", None)
    return importlib.import_module("functions.webhook.handler")


def test_the_announcement_is_posted_and_signed(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(lambda count: 204) as (url, received):
        assert loaded(url, monkeypatch).handler(EVENT, Context()) == {"event": "batch.partial"}
    ((headers, body),) = received
    parts = dict(part.split("=", 1) for part in headers[SIGNATURE].split(","))
    assert body == ENDED.to_json()
    assert parts["v1"] == hmac.new(SIGNING.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()


def test_a_receiver_that_does_not_take_it_is_an_error_so_that_lambda_calls_again(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(lambda count: 500) as (url, _), pytest.raises(WebhookError, match="answered 500"):
        loaded(url, monkeypatch).handler(EVENT, Context())


def test_a_ping_sends_nothing(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(lambda count: 204) as (url, received):
        assert loaded(url, monkeypatch).handler({"source": "aws.scheduler", "detail": "{}"}, Context()) == {}
    assert received == []
