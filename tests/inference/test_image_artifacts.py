"""The predict function with files of versions in its image, over S3."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.manifest import Manifest
from functions.core.registry import Registry

Publish = Callable[..., Manifest]
GRAPH = "models/churn/versions/1/model.onnx"


@pytest.fixture
def registry(bucket: str, aws_variables: dict[str, str], publish: Publish) -> Registry:
    """Version 1 of churn in production."""
    registry = Registry(S3Storage(bucket, environment=aws_variables))
    publish(registry, leave=0.25)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    return registry


@pytest.fixture
def artifacts(tmp_path: Path, registry: Registry) -> Path:
    """The graph of version 1, as a build lays it down."""
    manifest = registry.manifest("churn", 1)
    (tmp_path / manifest.artifacts["model.onnx"].sha256).write_bytes(registry.artifact(manifest, "model.onnx"))
    return tmp_path


@pytest.fixture
def start(
    bucket: str,
    artifacts: Path,
    aws_environment: None,
    event_loop_of_the_process: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], ModuleType]:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}")
    monkeypatch.setenv("DESPLIEGUE_MODEL", "churn")
    monkeypatch.setenv("DESPLIEGUE_ARTIFACTS", str(artifacts))

    def import_handler() -> ModuleType:
        sys.modules.pop("functions.inference.predict_handler", None)
        return importlib.import_module("functions.inference.predict_handler")

    return import_handler


def served_version(module: ModuleType) -> int:
    return int(module._served.served("churn").current().manifest.version)


def test_a_version_of_the_image_is_not_fetched(registry: Registry, start: Callable[[], ModuleType]) -> None:
    registry.storage.delete(GRAPH)
    assert served_version(start()) == 1


def test_what_was_retrained_since_is_fetched(
    registry: Registry, start: Callable[[], ModuleType], publish: Publish
) -> None:
    registry.promote_now("churn", publish(registry, leave=0.75).version, actor="ana", pinned=False)
    assert served_version(start()) == 2


def test_a_damaged_file_of_the_image_is_fetched(
    registry: Registry, artifacts: Path, start: Callable[[], ModuleType]
) -> None:
    for path in artifacts.iterdir():
        path.write_bytes(b"other")
    assert served_version(start()) == 1


def test_an_image_without_files_fetches_all(
    registry: Registry, artifacts: Path, start: Callable[[], ModuleType]
) -> None:
    for path in artifacts.iterdir():
        path.unlink()
    assert served_version(start()) == 1
