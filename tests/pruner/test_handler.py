"""The pruner over S3, with the event of a schedule."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.retirement import MARK
from tests.lambda_context import Context

Publish = Callable[..., Manifest]
EVENT: dict[str, Any] = {
    "version": "0",
    "id": "d4a1e1a0-6c1f-4a3c-9d0e-8f8f2f6b7c11",
    "detail-type": "Scheduled Event",
    "source": "aws.scheduler",
    "account": "123456789012",
    "time": "2026-01-31T03:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:aws:scheduler:eu-west-1:123456789012:schedule/default/despliegue-prod-Pruning"],
    "detail": "{}",
}


@pytest.fixture
def registry(bucket: str, aws_variables: dict[str, str]) -> Registry:
    return Registry(S3Storage(bucket, "registry", aws_variables))


@pytest.fixture
def pruner(bucket: str, aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}/registry")
    monkeypatch.setenv("DESPLIEGUE_UPLOADS", f"s3://{bucket}")
    monkeypatch.setenv("DESPLIEGUE_RETENTION", '{"versions": 1}')
    sys.modules.pop("functions.pruner.handler", None)
    return importlib.import_module("functions.pruner.handler")


def test_each_day_takes_the_steps_that_are_due(
    pruner: ModuleType, registry: Registry, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        publish(registry)
    registry.promote_now("churn", 2, actor="ana", pinned=False)
    assert pruner.handler(EVENT, Context()) == {"retire": 1}
    assert [record.key for record in caplog.records if record.message == "pruning"] == ["models/churn/versions/1"]
    registry.storage.write(f"models/churn/versions/1{MARK}", b'{"time": "2026-01-01T00:00:00.000000Z"}')
    assert pruner.handler(EVENT, Context()) == {"remove": 1}
    assert registry.versions("churn") == [2, 3]
    assert pruner.handler(EVENT, Context()) == {}
