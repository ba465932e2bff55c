"""Behaviour of S3 alone: refusals, retries, pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session
from botocore.stub import ANY, Stubber

from functions.aws.client import s3_client
from functions.aws.s3_storage import CONFLICT_PAUSES, S3Storage
from functions.core.errors import ObjectNotFoundError, PreconditionFailedError, StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CREATE = {"Bucket": "bucket", "Key": "k", "Body": ANY, "Metadata": ANY, "IfNoneMatch": "*"}


@pytest.fixture
def own_client(aws_environment: None) -> S3Client:
    return s3_client()


@pytest.fixture
def stubbed(own_client: S3Client) -> Iterator[Stubber]:
    with Stubber(own_client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.s3_storage.CONFLICT_PAUSES", (0.0,) * len(CONFLICT_PAUSES))


def test_denied_reads_count_as_missing_because_s3_says_so_of_absent_keys(
    own_client: S3Client, stubbed: Stubber
) -> None:
    storage = S3Storage("bucket", client=own_client)
    stubbed.add_client_error("get_object", "AccessDenied", http_status_code=403)
    stubbed.add_client_error("head_object", "403", http_status_code=403)
    stubbed.add_client_error("get_object", "AccessDenied", http_status_code=403)
    with pytest.raises(ObjectNotFoundError):
        storage.read("k")
    with pytest.raises(ObjectNotFoundError):
        storage.size_bytes("k")
    with pytest.raises(ObjectNotFoundError):
        storage.read_if_changed("k", '"etag"')


@pytest.mark.parametrize(
    ("code", "status"),
    [("SignatureDoesNotMatch", 403), ("ExpiredToken", 400), ("NoSuchBucket", 404), ("SlowDown", 503)],
)
def test_other_refusals_are_failures_of_the_storage(
    own_client: S3Client, stubbed: Stubber, code: str, status: int
) -> None:
    storage = S3Storage("bucket", client=own_client)
    stubbed.add_client_error("get_object", code, http_status_code=status)
    stubbed.add_client_error("put_object", code, http_status_code=status)
    stubbed.add_client_error("list_objects_v2", code, http_status_code=status)
    for call in (lambda: storage.read("k"), lambda: storage.create("k", b""), lambda: storage.children("k")):
        with pytest.raises(StorageError, match=code) as caught:
            call()
        assert type(caught.value) is StorageError


def test_a_denied_write_or_list_is_no_missing_object(own_client: S3Client, stubbed: Stubber) -> None:
    storage = S3Storage("bucket", client=own_client)
    stubbed.add_client_error("put_object", "AccessDenied", http_status_code=403)
    stubbed.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)
    with pytest.raises(StorageError, match="AccessDenied") as caught:
        storage.replace("k", b"1", '"etag"')
    assert type(caught.value) is StorageError
    with pytest.raises(StorageError, match="AccessDenied"):
        storage.children("models/x")


def test_a_conflict_is_sent_again(own_client: S3Client, stubbed: Stubber, impatient: None) -> None:
    for _ in range(len(CONFLICT_PAUSES) - 1):
        stubbed.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    stubbed.add_response("put_object", {"ETag": '"new"'}, CREATE)
    assert S3Storage("bucket", client=own_client).create("k", b"1") == '"new"'


def test_endless_conflict_is_a_lost_race(own_client: S3Client, stubbed: Stubber, impatient: None) -> None:
    for _ in CONFLICT_PAUSES:
        stubbed.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    with pytest.raises(PreconditionFailedError):
        S3Storage("bucket", client=own_client).create("k", b"1")


def test_a_write_whose_answer_was_lost_is_not_mistaken_for_somebody_elses(own_client: S3Client, bucket: str) -> None:
    storage = S3Storage(bucket, client=own_client)
    first = storage.create("k", b"1")
    _lose_the_first_answer(own_client)
    second = storage.replace("k", b"2", first)
    assert storage.read("k").etag == second
    with pytest.raises(PreconditionFailedError):
        storage.replace("k", b"3", first)


def test_without_a_server_every_call_is_a_storage_error(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    client = boto3.session.Session().client("s3")
    storage = S3Storage("bucket", client=client)
    for call in (
        lambda: storage.read("k"),
        lambda: storage.write("k", b""),
        lambda: storage.children(""),
        lambda: storage.keys(""),
    ):
        with pytest.raises(StorageError, match="Could not connect"):
            call()


def test_children_come_from_all_pages(own_client: S3Client, bucket: str) -> None:
    def small_pages(params: dict[str, Any], **_: Any) -> None:
        params["MaxKeys"] = 2

    own_client.meta.events.register("provide-client-params.s3.ListObjectsV2", small_pages)
    storage = S3Storage(bucket, client=own_client)
    for number in range(4):
        storage.write(f"f/{number}", b"")
        storage.write(f"f/folder-{number}/x", b"")
    assert storage.children("f") == [*"0123", *(f"folder-{number}" for number in range(4))]
    assert storage.keys("f") == [*(f"f/{number}" for number in range(4)), *(f"f/folder-{n}/x" for n in range(4))]


def test_the_marker_of_an_empty_folder_is_no_child(own_client: S3Client, bucket: str) -> None:
    own_client.put_object(Bucket=bucket, Key="uploads/churn/", Body=b"")
    storage = S3Storage(bucket, client=own_client)
    assert storage.children("uploads/churn") == storage.keys("uploads/churn") == []
    assert storage.children("uploads") == ["churn"]


def test_prefixes_share_a_bucket_without_seeing_each_other(own_client: S3Client, bucket: str) -> None:
    one, two = S3Storage(bucket, "team/one/", own_client), S3Storage(bucket, "/team/two", own_client)
    one.create("k", b"1")
    two.create("k", b"2")
    assert (one.read("k").body, two.read("k").body) == (b"1", b"2")
    assert S3Storage(bucket, client=own_client).children("team") == ["one", "two"]
    assert str(one) == f"s3://{bucket}/team/one/"


def test_a_client_is_made_at_the_first_use(aws_environment: None, bucket: str) -> None:
    storage = S3Storage(bucket)
    assert "_client" not in vars(storage)
    storage.write("k", b"1")
    assert storage.read("k").body == b"1"


def _lose_the_first_answer(client: S3Client) -> None:
    """The first PutObject from now on arrives, but what comes back is an error of the connection's other end."""
    lost: list[AWSResponse] = []

    def send(request: AWSPreparedRequest, **_: Any) -> Any:
        if lost:
            return None
        lost.append(URLLib3Session().send(request))
        assert lost[0].status_code == 200
        return AWSResponse(str(request.url), 500, HTTPHeaders(), lost[0].raw)

    client.meta.events.register("before-send.s3.PutObject", send)
