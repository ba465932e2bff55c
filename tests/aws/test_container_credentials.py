"""Credentials of SnapStart, ECS and EKS: from a local address, with the token of the environment or of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.aws.container_credentials import ContainerCredentials
from functions.core.errors import StorageError
from tests.s3_relay import Relay, Reply, s3_relay

FULL, RELATIVE = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105  # the name of a variable


@pytest.fixture
def endpoint() -> Iterator[Relay]:
    with s3_relay() as relay:
        yield relay


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.container_credentials.PAUSES", (0.0, 0.0, None))


def answer(expires: datetime, key: str = "ASIA") -> Reply:
    found = {"AccessKeyId": key, "SecretAccessKey": "s", "Token": "t", "Expiration": f"{expires:%Y-%m-%dT%H:%M:%SZ}"}
    return Reply(200, json.dumps(found))


def test_the_token_of_the_environment_is_sent_as_snapstart_wants_it(endpoint: Relay) -> None:
    expires = datetime(2026, 11, 29, 12, tzinfo=UTC)
    endpoint.replies.append(answer(expires))
    found = ContainerCredentials({FULL: f"{endpoint.url}/2021-08-01/credentials", TOKEN: "secret"})()
    assert found == {"access_key_id": "ASIA", "secret_access_key": "s", "token": "t", "expires_at": expires}
    assert endpoint.asked == [("GET", "/2021-08-01/credentials")]
    assert endpoint.headers[0]["authorization"] == "secret"


def test_the_token_of_a_file_is_read_each_time(endpoint: Relay, tmp_path: Path) -> None:
    file = tmp_path / "token"
    provider = ContainerCredentials({FULL: endpoint.url, f"{TOKEN}_FILE": str(file), TOKEN: "other"})
    for token in ("first", "second"):
        file.write_text(token)
        endpoint.replies.append(answer(datetime.now(UTC)))
        provider()
        assert endpoint.headers[-1]["authorization"] == token


def test_without_a_token_none_is_sent(endpoint: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.container_credentials.RELATIVE_HOST", endpoint.url)
    endpoint.replies.append(answer(datetime.now(UTC)))
    assert ContainerCredentials({RELATIVE: "/v2/credentials/1"})()["access_key_id"] == "ASIA"
    assert endpoint.asked == [("GET", "/v2/credentials/1")]
    assert "authorization" not in endpoint.headers[0]


@pytest.mark.parametrize("uri", ["http://example.com/credentials", "http://10.0.0.1/", "file:///etc/passwd", "here"])
def test_the_token_goes_to_no_other_machine_in_the_open(uri: str) -> None:
    with pytest.raises(StorageError, match=r"neither https:// nor an address of this machine"):
        ContainerCredentials({FULL: uri, TOKEN: "secret"})


@pytest.mark.parametrize("uri", ["http://[::1]:1/x", "http://localhost:1/", "http://169.254.170.23/v1", "https://a.b/"])
def test_these_addresses_may_have_it(uri: str) -> None:
    ContainerCredentials({FULL: uri, TOKEN: "secret"})


@pytest.mark.parametrize("token", ["a\r\nHost: elsewhere", "a\n"])
def test_a_line_end_in_the_token_is_refused_before_anything_is_sent(endpoint: Relay, token: str) -> None:
    with pytest.raises(StorageError, match="is no token"):
        ContainerCredentials({FULL: endpoint.url, TOKEN: token})()
    assert endpoint.asked == []


def test_a_file_that_is_missing_is_named(endpoint: Relay, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"TOKEN_FILE .*none: No such file"):
        ContainerCredentials({FULL: endpoint.url, f"{TOKEN}_FILE": str(tmp_path / "none")})()


def test_a_hiccup_is_asked_again_and_an_outage_is_named(endpoint: Relay) -> None:
    provider = ContainerCredentials({FULL: endpoint.url})
    endpoint.replies += [Reply(500), Reply(0), answer(datetime.now(UTC))]
    assert provider()["access_key_id"] == "ASIA"
    endpoint.replies += [Reply(500)] * 3
    with pytest.raises(StorageError, match=f"no credentials at {endpoint.url}: .*500"):
        provider()
    endpoint.replies += [Reply(200, "{}")]
    with pytest.raises(StorageError, match=r"no credentials at .*AccessKeyId"):
        provider()


def test_the_storage_asks_again_when_credentials_expired_while_a_snapshot_slept(
    endpoint: Relay, aws_variables: dict[str, str], bucket: str
) -> None:
    """The time is that of the clock: a process does not notice how long its snapshot was kept."""
    from functions.aws.s3_storage import S3Storage

    variables = {
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": aws_variables["AWS_ENDPOINT_URL"],
        FULL: endpoint.url,
        TOKEN: "secret",
    }
    storage = S3Storage(bucket, environment=variables)
    endpoint.replies += [answer(datetime.now(UTC) + timedelta(hours=1)), answer(datetime.now(UTC))]
    storage.write("k", b"1")
    assert storage.read("k").body == b"1"
    assert len(endpoint.asked) == 1
    # the same with credentials of long ago
    slept = S3Storage(bucket, environment=variables)
    endpoint.replies[:] = [answer(datetime.now(UTC) - timedelta(days=9)), answer(datetime.now(UTC))]
    slept.read("k")
    slept.read("k")
    assert len(endpoint.asked) == 3
