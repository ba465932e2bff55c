"""The text model over HTTP, read only; the handlers over S3, with the lines of their metrics."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from functions.aws.s3_storage import S3Storage
from functions.core.definition import Definition
from functions.core.registry import Registry
from functions.local.application import local_application
from functions.local.home import Home
from tests.inference.handlers import Function, MetricLines, Start


@pytest.fixture(scope="session")
def texts(
    home_of_texts: Home, texts_definition: Definition, connect: Callable[[ASGIApp], httpx.Client]
) -> httpx.Client:
    return connect(
        local_application(home_of_texts, {texts_definition.name: texts_definition}, base_url="http://localhost")
    )


@pytest.fixture
def registry(bucket: str, aws_variables: dict[str, str]) -> Registry:
    return Registry(S3Storage(bucket, "registry", aws_variables))


@pytest.fixture
def start(
    bucket: str, aws_environment: None, event_loop_of_the_process: None, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """start("predict") imports the handler as Lambda does: once, before any request."""
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}/registry")
    monkeypatch.setenv("DESPLIEGUE_UPLOADS", f"s3://{bucket}")
    monkeypatch.setenv("DESPLIEGUE_PREDICTIONS", "predictions")
    monkeypatch.setenv("DESPLIEGUE_BATCH_DAYS", "90")
    monkeypatch.setenv("DESPLIEGUE_BATCH_MEMORY_MB", "1769")
    monkeypatch.setenv("DESPLIEGUE_MODEL", "churn")

    def import_handler(name: str) -> Function:
        module = f"functions.inference.{name}_handler"
        sys.modules.pop(module, None)
        return Function(importlib.import_module(module).handler)

    return import_handler


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> MetricLines:
    """metrics(): the metrics of every request since the last call, one line each."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Despliegue/test")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "service-under-test")

    def look() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
        return [{name: value for name, value in line.items() if name not in ("_aws", "ColdStart")} for line in lines]

    return look
