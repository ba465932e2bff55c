"""Actions that the roles of deployed functions may not do, refused by S3 and Secrets Manager themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.deployed.deployment import Stack

PREDICT, CONTROL, TRAINER = "InferencepredictchurnRole", "InferencecontrolRole", "TrainingtrainerRole"
VERSION = "models/churn/versions/1/manifest.json"
DATA = "data/" + "0" * 64


def code_of(call: Callable[[], Any]) -> str:
    """The error's code; empty where it worked."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture
def bucket(stack: Stack) -> str:
    found: str = stack.outputs["RegistryBucket"]
    stack.clients("s3").put_object(Bucket=found, Key=DATA, Body=b"rows")
    return found


def test_predict_reads_its_versions_and_nothing_else(stack: Stack, bucket: str) -> None:
    s3 = stack.role(PREDICT)("s3")
    assert code_of(lambda: s3.get_object(Bucket=bucket, Key=VERSION)) == ""
    denied = {
        "write a version": lambda: s3.put_object(Bucket=bucket, Key="models/churn/versions/9/x", Body=b""),
        "write the pointer": lambda: s3.put_object(Bucket=bucket, Key="models/churn/production.json", Body=b""),
        "read training data": lambda: s3.get_object(Bucket=bucket, Key=DATA),
        "read another model": lambda: s3.get_object(Bucket=bucket, Key="models/car-price/production.json"),
        "list": lambda: s3.list_objects_v2(Bucket=bucket),
        "delete": lambda: s3.delete_object(Bucket=bucket, Key=VERSION),
    }
    assert {what: code_of(call) for what, call in denied.items()} == dict.fromkeys(denied, "AccessDenied")


def test_control_writes_pointers_and_no_versions_and_reads_no_data(stack: Stack, bucket: str) -> None:
    s3 = stack.role(CONTROL)("s3")
    key = "models/churn/jobs/rehearsal.tmp"
    assert code_of(lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"")) == ""
    stack.clients("s3").delete_object(Bucket=bucket, Key=key)
    denied = {
        "write a version": lambda: s3.put_object(Bucket=bucket, Key="models/churn/versions/9/x", Body=b""),
        "by a side door": lambda: s3.put_object(Bucket=bucket, Key="models/churn/versions/9/jobs/x", Body=b""),
        "read training data": lambda: s3.get_object(Bucket=bucket, Key=DATA),
        "delete": lambda: s3.delete_object(Bucket=bucket, Key=VERSION),
    }
    assert {what: code_of(call) for what, call in denied.items()} == dict.fromkeys(denied, "AccessDenied")


@pytest.mark.parametrize("start", [PREDICT, CONTROL, TRAINER])
def test_nobody_but_the_authorizer_reads_the_tokens(stack: Stack, start: str) -> None:
    client = stack.role(start)("secretsmanager")
    assert "AccessDenied" in code_of(lambda: client.get_secret_value(SecretId=stack.outputs["TokensSecret"]))


def test_the_trainer_deletes_nothing(stack: Stack, bucket: str) -> None:
    s3 = stack.role(TRAINER)("s3")
    assert code_of(lambda: s3.delete_object(Bucket=bucket, Key=VERSION)) == "AccessDenied"


@pytest.mark.parametrize("output", ["RegistryBucket", "UploadBucket"])
def test_the_public_reads_and_writes_nothing(stack: Stack, bucket: str, output: str) -> None:
    s3 = boto3.client("s3", config=Config(signature_version=UNSIGNED))
    name = stack.outputs[output]
    denied = [
        lambda: s3.list_objects_v2(Bucket=name),
        lambda: s3.get_object(Bucket=name, Key=VERSION),
        lambda: s3.put_object(Bucket=name, Key="uploads/churn/x.csv", Body=b""),
    ]
    assert {code_of(call) for call in denied} == {"AccessDenied"}
