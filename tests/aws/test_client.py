"""Clients of botocore: how long they wait, how they sign and address."""

from __future__ import annotations

import pytest

from functions.aws import client
from functions.aws.client import s3_client, secrets_client

GATEWAY_SECONDS = 10


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.mark.parametrize(
    ("environment", "style"),
    [
        ({}, "virtual"),
        ({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000"}, "path"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9000"}, "path"),
    ],
)
def test_another_provider_is_addressed_by_the_path(environment: dict[str, str], style: str) -> None:
    config = s3_client(environment).meta.config
    assert (config.s3 or {})["addressing_style"] == style
    assert config.signature_version == "s3v4"


def test_each_client_has_a_session_of_its_own() -> None:
    assert s3_client() is not s3_client()


def test_the_secret_is_given_up_before_the_gateway_gives_up_its_authorizer() -> None:
    config = secrets_client().meta.config  # type: ignore[attr-defined]
    longest = (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"]
    assert longest <= GATEWAY_SECONDS
    assert (config.connect_timeout, config.read_timeout) == (client.CONNECT_SECONDS, client.SECRET_READ_SECONDS)
