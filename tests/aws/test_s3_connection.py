"""Connections to a bucket: waits, retries, the bucket's own region, certificates, and snapshots."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from functions.aws import s3_connection
from functions.aws.s3_connection import S3Connection
from functions.aws.s3_storage import S3Storage
from functions.core.errors import StorageError
from tests.s3_relay import Relay, Reply, refusal, s3_relay

MALFORMED = refusal(400, "AuthorizationHeaderMalformed")
IN_IRELAND = Reply(403, headers={"x-amz-bucket-region": "eu-west-1"})


@pytest.fixture
def relay(aws_variables: dict[str, str]) -> Iterator[Relay]:
    with s3_relay(aws_variables["AWS_ENDPOINT_URL"]) as relay:
        yield relay


@pytest.fixture
def variables(relay: Relay, aws_variables: dict[str, str]) -> dict[str, str]:
    return {**aws_variables, "AWS_ENDPOINT_URL": relay.url}


def test_a_client_is_made_at_the_first_use(bucket: str, aws_variables: dict[str, str]) -> None:
    environment = dict(aws_variables)
    storage = S3Storage(bucket, environment=environment)
    endpoint = environment.pop("AWS_ENDPOINT_URL")
    environment["AWS_ENDPOINT_URL_S3"] = endpoint
    storage.write("k", b"1")
    assert storage.read("k").body == b"1"


def test_waits_are_those_of_one_answer_and_as_long_as_a_slow_upload_takes(variables: dict[str, str]) -> None:
    connection = S3Connection("bucket", variables)
    small, large = connection.store(1_000_000), connection.store(100_000_000)
    assert connection.store() is small is connection.store(1_280_000)
    for store, seconds in ((small, "20s"), (large, "42m 40s")):
        options = store.client_options
        assert options is not None
        waits = [options.get(name) for name in ("connect_timeout", "read_timeout", "timeout")]
        assert waits == ["2s", seconds, "1day"]
    assert s3_connection.UPLOAD_BYTES_A_SECOND > 100_000_000 / 2560
    assert small.retry_config is not None
    assert small.retry_config["max_retries"] == 2
    assert small.retry_config["retry_timeout"] < timedelta(minutes=5)


@pytest.mark.parametrize("answer", [MALFORMED, Reply(301), Reply(307, headers={"Location": "http://127.0.0.1:1/"})])
def test_a_bucket_of_another_region_is_asked_there(
    relay: Relay, bucket: str, variables: dict[str, str], answer: Reply
) -> None:
    storage = S3Storage(bucket, environment=variables)
    relay.replies += [answer, IN_IRELAND]
    etag = storage.create("k", b"1")
    assert [command for command, _ in relay.asked] == ["PUT", "HEAD", "PUT"]
    assert "/us-east-1/s3/" in relay.headers[0]["authorization"]
    assert "authorization" not in relay.headers[1]
    assert "/eu-west-1/s3/" in relay.headers[2]["authorization"]
    assert storage.read_if_changed("k", etag) is None
    assert "/eu-west-1/s3/" in relay.headers[3]["authorization"]
    relay.replies += [MALFORMED, IN_IRELAND]
    assert S3Storage(bucket, environment=variables).read_if_changed("k", etag) is None


@pytest.mark.parametrize("answer", [Reply(404), Reply(200, headers={"x-amz-bucket-region": "us-east-1"})])
def test_a_refusal_is_kept_where_no_other_region_is_known(
    relay: Relay, bucket: str, variables: dict[str, str], answer: Reply
) -> None:
    relay.replies += [MALFORMED, answer]
    with pytest.raises(StorageError, match="AuthorizationHeaderMalformed: a text of S3"):
        S3Storage(bucket, environment=variables).read("k")
    assert len(relay.asked) == 2


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for 127.0.0.1, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a company")])
    today = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "company.pem"
    file.write_bytes(secret + built.public_bytes(Encoding.PEM))
    return file


def test_certificates_of_a_company_are_trusted_where_they_are_named(
    certificate: Path, aws_variables: dict[str, str], bucket: str
) -> None:
    with s3_relay(aws_variables["AWS_ENDPOINT_URL"], certificate) as relay:
        variables = {**aws_variables, "AWS_ENDPOINT_URL": relay.url}
        trusting = S3Storage(bucket, environment={**variables, "AWS_CA_BUNDLE": str(certificate)})
        trusting.create("k", b"1")
        assert trusting.read("k").body == b"1"
        with pytest.raises(StorageError, match=r"no connection: its certificate is refused \(UnknownIssuer\)"):
            S3Storage(bucket, environment=variables).read("k")


def test_a_file_of_certificates_that_is_none_is_named(tmp_path: Path, variables: dict[str, str]) -> None:
    file = tmp_path / "none.pem"
    with pytest.raises(StorageError, match=r"AWS_CA_BUNDLE .*none.pem: No such file"):
        S3Connection("bucket", {**variables, "AWS_CA_BUNDLE": str(file)}).store()
    file.write_text("no certificate")
    with pytest.raises(StorageError, match=r"AWS_CA_BUNDLE .*none.pem holds no certificate"):
        S3Connection("bucket", {**variables, "AWS_CA_BUNDLE": str(file)}).store()


def test_the_proxy_of_the_environment_is_used_but_for_hosts_that_are_left_out(
    relay: Relay, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", relay.url)
    monkeypatch.setenv("no_proxy", "direct.invalid")
    relay.replies.append(Reply(200, "rows"))
    storage = S3Storage("bucket", environment={**variables, "AWS_ENDPOINT_URL": "http://s3.invalid"})
    assert storage.read("k").body == b"rows"
    assert relay.asked == [("GET", "http://s3.invalid/bucket/k")]
    monkeypatch.setattr(s3_connection, "ATTEMPTS", 1)
    direct = S3Storage("bucket", environment={**variables, "AWS_ENDPOINT_URL": "http://direct.invalid"})
    with pytest.raises(StorageError, match="no connection: failed to lookup"):
        direct.read("k")
    assert len(relay.asked) == 1


def test_a_machine_without_certificates_says_so_and_takes_those_that_are_named(certificate: Path) -> None:
    code = (
        "from functions.aws.s3_connection import S3Connection\n"
        "from functions.core.errors import StorageError\n"
        "variables = {'AWS_REGION': 'eu-west-1', 'AWS_ACCESS_KEY_ID': 'a', 'AWS_SECRET_ACCESS_KEY': 'b'}\n"
        "try:\n    S3Connection('bucket', variables).store()\n"
        "except StorageError as error:\n    print(error)\n"
        f"S3Connection('bucket', {{**variables, 'AWS_CA_BUNDLE': {str(certificate)!r}}}).store()\n"
    )
    nowhere = {**os.environ, "SSL_CERT_FILE": "/nonexistent", "SSL_CERT_DIR": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", code], env=nowhere, capture_output=True, text=True, check=True)
    assert (
        "no certificates of authorities on this machine: install ca-certificates, or set AWS_CA_BUNDLE" in done.stdout
    )


@pytest.mark.skipif(
    importlib.util.find_spec("snapshot_restore_py") is None, reason="SKIPPED: no runtime of Lambda here"
)
def test_connections_from_before_a_snapshot_are_not_used_after_it(
    relay: Relay, bucket: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import snapshot_restore_py

    hooks: list[tuple[object, ...]] = []
    monkeypatch.setattr(snapshot_restore_py, "_after_restore_registry", hooks)
    storage = S3Storage(bucket, environment={**variables, "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    storage.write("k", b"1")
    before = storage._connection.store()
    assert storage._connection.store() is before
    for hook, args, named in hooks:
        hook(*args, **named)  # type: ignore[operator]
    assert storage._connection.store() is not before
    assert storage.read("k").body == b"1"
