"""The stages of a batch on Lambda, over S3, with the events of the state machine."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.batches import Batches, converted_key, parquet_key
from functions.core.errors import NotFoundError
from functions.core.local_storage import LocalStorage
from functions.local.home import Home
from tests.batches.small_batches import CHURN, batch_of
from tests.lambda_context import Context

MODULE = "functions.trainer.batch_handler"


@pytest.fixture
def files(bucket: str, aws_variables: dict[str, str], trained_home: Home) -> S3Storage:
    """A bucket with the registry of the trained models, and files beside it."""
    registry = S3Storage(bucket, "registry", aws_variables)
    trained = trained_home.registry.storage
    assert isinstance(trained, LocalStorage)
    for key in trained.keys("models/churn"):
        registry.write(key, trained.read(key).body)
    return S3Storage(bucket, "", aws_variables)


@pytest.fixture
def stages(bucket: str, aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", f"s3://{bucket}/registry")
    monkeypatch.setenv("DESPLIEGUE_UPLOADS", f"s3://{bucket}")
    sys.modules.pop(MODULE, None)
    return importlib.import_module(MODULE)


def batches_of(bucket: str, files: S3Storage, aws_variables: dict[str, str]) -> Batches:
    return Batches(S3Storage(bucket, "registry", aws_variables), files)


def test_a_file_that_is_not_plain_is_converted(
    stages: ModuleType, files: S3Storage, bucket: str, aws_variables: dict[str, str]
) -> None:
    batch, _ = batches_of(bucket, files, aws_variables).create(batch_of())
    files.write(batch.input, CHURN.replace(b",", b";"))
    event = {"step": "convert", "model": "churn", "batch": batch.batch}
    assert stages.handler(event, Context()) == {"model": "churn", "batch": batch.batch}
    assert files.read(converted_key(batch)).body.count(b"\n") == CHURN.count(b"\n") - 1


def test_what_cannot_be_completed_yet_is_left_alone(
    stages: ModuleType, files: S3Storage, bucket: str, aws_variables: dict[str, str]
) -> None:
    batch, _ = batches_of(bucket, files, aws_variables).create(batch_of(output="parquet"))
    stages.handler({"step": "complete", "model": "churn", "batch": batch.batch}, Context())
    assert parquet_key(batch) not in files.keys("batches")


def test_a_batch_that_was_removed_is_an_error_of_the_step(stages: ModuleType, files: S3Storage) -> None:
    with pytest.raises(NotFoundError):
        stages.handler({"step": "convert", "model": "churn", "batch": "a" * 32}, Context())


def test_a_ping_does_nothing(stages: ModuleType) -> None:
    assert stages.handler({"source": "aws.scheduler"}, Context()) == {}
