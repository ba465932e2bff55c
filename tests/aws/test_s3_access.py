"""Ways to S3: of functions and containers by the environment, of people by botocore, which is loaded only then."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.aws.container_credentials import ContainerCredentials
from functions.aws.s3_access import BotocoreCredentials, S3Access
from functions.core.errors import StorageError

KEYS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}
LAMBDA = {
    "AWS_ACCESS_KEY_ID": "ASIA",
    "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_SESSION_TOKEN": "t",
    "AWS_REGION": "eu-west-1",
}
SNAPSTART = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9001/2021-08-01/credentials",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "secret",
    "AWS_REGION": "eu-west-1",
}


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home folder with files of the AWS command line, and no other AWS variables than theirs."""
    for name in [*KEYS, "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def test_lambda_has_its_credentials_and_region_in_the_environment() -> None:
    access = S3Access.read(LAMBDA)
    assert (access.endpoint, access.region, access.ca_bundle) == (
        "https://s3.eu-west-1.amazonaws.com",
        "eu-west-1",
        None,
    )
    assert access.credentials() == {
        "access_key_id": "ASIA",
        "secret_access_key": "s",
        "token": "t",
        "expires_at": None,
    }


def test_keys_of_the_environment_come_before_a_profile_and_before_an_address() -> None:
    access = S3Access.read({**SNAPSTART, **KEYS, "AWS_PROFILE": "none"})
    assert access.credentials()["access_key_id"] == "AKIA"


def test_snapstart_and_containers_ask_at_an_address() -> None:
    assert isinstance(S3Access.read(SNAPSTART).credentials, ContainerCredentials)
    ecs = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1", "AWS_REGION": "eu-west-1"}
    assert isinstance(S3Access.read(ecs).credentials, ContainerCredentials)


@pytest.mark.parametrize(
    "names",
    [
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:9000/"},
        {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9000", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
    ],
)
def test_another_provider_is_addressed_by_the_path_and_needs_no_region(names: dict[str, str]) -> None:
    access = S3Access.read({**KEYS, **names})
    assert (access.bucket_endpoint("bucket"), access.region) == (("http://127.0.0.1:9000", False), "us-east-1")


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        ("my-bucket", ("https://my-bucket.s3.eu-west-1.amazonaws.com", True)),
        ("my.bucket", ("https://s3.eu-west-1.amazonaws.com", False)),
    ],
)
def test_aws_is_addressed_by_the_host_where_its_certificate_allows(bucket: str, expected: tuple[str, bool]) -> None:
    assert S3Access.read(LAMBDA).bucket_endpoint(bucket) == expected


@pytest.mark.parametrize(
    ("names", "endpoint"),
    [
        ({"AWS_REGION": "cn-north-1"}, "https://s3.cn-north-1.amazonaws.com.cn"),
        ({"AWS_REGION": "us-gov-west-1"}, "https://s3.us-gov-west-1.amazonaws.com"),
        ({"AWS_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true"}, "https://s3-fips.us-east-1.amazonaws.com"),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "https://s3.dualstack.eu-west-1.amazonaws.com"),
    ],
)
def test_unusual_addresses_are_those_of_botocore(
    laptop: Path, monkeypatch: pytest.MonkeyPatch, names: dict[str, str], endpoint: str
) -> None:
    variables = {**LAMBDA, **names}
    variables["AWS_DEFAULT_REGION"] = variables["AWS_REGION"]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    access = S3Access.read(variables)
    assert access.endpoint == endpoint
    assert access.credentials()["access_key_id"] == "ASIA"


def test_a_profile_brings_its_keys_region_and_endpoint(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (laptop / "credentials").write_text("[team]\naws_access_key_id = AKIATEAM\naws_secret_access_key = s\n")
    (laptop / "config").write_text("[profile team]\nregion = eu-south-2\n[profile minio]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_PROFILE", "team")
    access = S3Access.read({"AWS_PROFILE": "team"})
    assert (access.endpoint, access.region) == ("https://s3.eu-south-2.amazonaws.com", "eu-south-2")
    assert isinstance(access.credentials, BotocoreCredentials)
    assert access.credentials()["access_key_id"] == "AKIATEAM"
    (laptop / "config").write_text("[profile team]\nendpoint_url = http://127.0.0.1:9000\n")
    assert S3Access.read({"AWS_PROFILE": "team"}).endpoint == "http://127.0.0.1:9000"


def test_a_command_that_prints_credentials_is_asked_again_before_they_expire(
    laptop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As single sign-on: botocore renews what expires, and is asked once a minute."""
    program = laptop / "print_credentials.py"
    program.write_text(
        "import datetime, json, pathlib\n"
        f"calls = pathlib.Path({str(laptop / 'calls')!r})\n"
        "n = len(calls.read_text()) if calls.exists() else 0\n"
        "calls.write_text('x' * (n + 1))\n"
        "expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=30)\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': f'ASIA{n}', 'SecretAccessKey': 's', 'SessionToken': 't',"
        " 'Expiration': expires.isoformat()}))\n"
    )
    (laptop / "config").write_text(f"[default]\nregion = eu-west-1\ncredential_process = {sys.executable} {program}\n")
    provider = S3Access.read({}).credentials
    first, second = provider(), provider()
    assert (first["token"], first["access_key_id"]) == ("t", "ASIA1")
    assert second["access_key_id"] == "ASIA2"


def test_without_credentials_the_error_says_what_to_set(laptop: Path) -> None:
    with pytest.raises(StorageError, match="no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID"):
        S3Access.read({})


def test_an_unknown_profile_is_named(laptop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(StorageError, match="nobody"):
        S3Access.read({"AWS_PROFILE": "nobody"})


@pytest.mark.parametrize("variables", [LAMBDA, SNAPSTART])
def test_functions_load_no_botocore(variables: dict[str, str]) -> None:
    code = (
        "import sys; from functions.aws.s3_connection import S3Connection; "
        f"S3Connection('bucket', {variables!r}).store(); sys.exit('botocore' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
