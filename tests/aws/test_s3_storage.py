"""Behaviour of S3 alone: refusals, lost answers, retries, pages, odd keys."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import pytest

from functions.aws import s3_connection
from functions.aws.s3_storage import CONFLICT_PAUSES, S3Storage, is_denied
from functions.core.errors import ObjectNotFoundError, PreconditionFailedError, StorageError
from tests.s3_relay import LOST, NOBODY, Relay, Reply, refusal, s3_relay

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ODD_NAMES = [
    "a b",
    "a+b",
    "a%20b",
    "a%b",
    "año",
    "an\u0303o",
    "日本",
    "\U0001f600",
    "..a",
    "a..",
    ".a",
    " a ",
    "a?b#c",
    "a&b=c;d:@!$'()*,~",
    'a{b}|c^`"<>[]',
    "\u2028",
    "x" * 900,
]
CONFLICT = refusal(409, "ConditionalRequestConflict")


@pytest.fixture
def own(aws_variables: dict[str, str], bucket: str) -> S3Storage:
    return S3Storage(bucket, environment=aws_variables)


@pytest.fixture
def relay(aws_variables: dict[str, str]) -> Iterator[Relay]:
    with s3_relay(aws_variables["AWS_ENDPOINT_URL"]) as relay:
        yield relay


@pytest.fixture
def relayed(relay: Relay, aws_variables: dict[str, str], bucket: str) -> S3Storage:
    """A storage whose requests go through the relay."""
    return S3Storage(bucket, environment={**aws_variables, "AWS_ENDPOINT_URL": relay.url})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.s3_storage.CONFLICT_PAUSES", (0.0,) * len(CONFLICT_PAUSES))
    monkeypatch.setattr(s3_connection, "FIRST_PAUSE", timedelta(milliseconds=1))
    monkeypatch.setattr(s3_connection, "LONGEST_PAUSE", timedelta(milliseconds=2))
    monkeypatch.setattr(s3_connection, "READ_SECONDS", 1)


def test_denied_reads_count_as_missing_because_s3_says_so_of_absent_keys(relayed: S3Storage, relay: Relay) -> None:
    relay.replies += [refusal(403, "AccessDenied"), Reply(403), refusal(403, "AccessDenied")]
    with pytest.raises(ObjectNotFoundError):
        relayed.read("k")
    with pytest.raises(ObjectNotFoundError):
        relayed.size_bytes("k")
    with pytest.raises(ObjectNotFoundError):
        relayed.read_if_changed("k", '"etag"')


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "SignatureDoesNotMatch"), (400, "ExpiredToken"), (404, "NoSuchBucket"), (503, "SlowDown")],
)
def test_other_refusals_are_failures_of_the_storage(
    relayed: S3Storage, relay: Relay, impatient: None, status: int, code: str
) -> None:
    calls: list[Callable[[], object]] = [
        lambda: relayed.read("k"),
        lambda: relayed.read_if_changed("k", '"etag"'),
        lambda: relayed.write("k", b""),
        lambda: relayed.create("k", b""),
        lambda: relayed.replace("k", b"", '"etag"'),
        lambda: relayed.children("k"),
        lambda: relayed.delete("k"),
    ]
    for call in calls:
        relay.replies[:] = [refusal(status, code)] * (s3_connection.ATTEMPTS if status == 503 else 1)
        with pytest.raises(StorageError, match=f"S3 failed at 'k/?': {code}: a text of S3$") as caught:
            call()
        assert type(caught.value) is StorageError
        assert not is_denied(caught.value)
        assert relay.replies == []


def test_a_denied_write_or_list_is_no_missing_object(relayed: S3Storage, relay: Relay) -> None:
    calls: list[Callable[[], object]] = [
        lambda: relayed.replace("k", b"1", '"etag"'),
        lambda: relayed.create("k", b"1"),
        lambda: relayed.children("models/x"),
    ]
    for call in calls:
        relay.replies.append(refusal(403, "AccessDenied"))
        with pytest.raises(StorageError, match="AccessDenied") as caught:
            call()
        assert type(caught.value) is StorageError
        assert is_denied(caught.value)


def test_a_conflict_is_sent_again_and_is_no_lost_race(relayed: S3Storage, relay: Relay, impatient: None) -> None:
    relay.replies += [CONFLICT] * (len(CONFLICT_PAUSES) - 1)
    etag = relayed.create("k", b"1")
    relay.replies += [CONFLICT]
    relayed.replace("k", b"2", etag)
    assert relayed.read("k").body == b"2"
    assert relay.replies == []


def test_endless_conflict_is_a_lost_race(relayed: S3Storage, relay: Relay, impatient: None) -> None:
    relay.replies += [CONFLICT] * 99
    with pytest.raises(PreconditionFailedError):
        relayed.create("k", b"1")
    with pytest.raises(PreconditionFailedError):
        relayed.replace("k", b"1", '"etag"')


@pytest.mark.parametrize(
    "answer", [LOST, Reply(500, is_handed_on=True), Reply(200, delay_seconds=9, is_handed_on=True)]
)
def test_a_write_whose_answer_was_lost_is_not_mistaken_for_somebody_elses(
    relayed: S3Storage, relay: Relay, impatient: None, answer: Reply
) -> None:
    relay.replies += [answer]
    first = relayed.create("k", b"1")
    assert relayed.read("k").etag == first
    relay.replies += [answer]
    second = relayed.replace("k", b"2", first)
    assert relayed.read("k").etag == second
    with pytest.raises(PreconditionFailedError):
        relayed.replace("k", b"3", first)
    with pytest.raises(PreconditionFailedError):
        relayed.create("k", b"2")


def test_a_write_that_was_lost_and_overtaken_is_a_lost_race(
    relayed: S3Storage, own: S3Storage, relay: Relay, impatient: None
) -> None:
    relay.replies += [NOBODY]
    own.create("k", b"theirs")
    with pytest.raises(PreconditionFailedError):
        relayed.create("k", b"ours")
    assert own.read("k").body == b"theirs"


def test_a_write_that_nobody_answers_fails_after_some_attempts(
    relayed: S3Storage, relay: Relay, impatient: None
) -> None:
    for call in (lambda: relayed.create("k", b"1"), lambda: relayed.write("k", b"1"), lambda: relayed.read("k")):
        relay.replies[:] = [Reply(200, delay_seconds=9)] * 99
        with pytest.raises(StorageError, match="no answer in time") as caught:
            call()
        assert type(caught.value) is StorageError
        assert len(relay.replies) == 99 - s3_connection.ATTEMPTS


def test_the_rest_of_an_answer_that_breaks_off_is_asked_for(relayed: S3Storage, relay: Relay, impatient: None) -> None:
    body = bytes(range(256)) * 4
    etag = relayed.write("k", body)
    relay.replies += [Reply(200, body[:100].decode("latin-1"), {"Content-Length": str(len(body)), "ETag": etag})]
    found = relayed.read("k")
    assert (found.body, found.etag) == (body, etag)
    assert relay.headers[-1]["range"] == f"bytes=100-{len(body) - 1}"


def test_without_a_server_every_call_is_a_storage_error(aws_variables: dict[str, str], impatient: None) -> None:
    storage = S3Storage("bucket", environment={**aws_variables, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    calls: list[Callable[[], object]] = [
        lambda: storage.read("k"),
        lambda: storage.write("k", b""),
        lambda: storage.create("k", b""),
        lambda: storage.children(""),
        lambda: storage.keys(""),
        lambda: storage.delete("k"),
    ]
    for call in calls:
        with pytest.raises(StorageError, match="no connection: Connection refused"):
            call()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_keys_are_the_same_for_other_clients_of_s3(own: S3Storage, bucket: str, s3: S3Client, name: str) -> None:
    key = f"folder/{name}"
    etag = own.create(key, b"ours")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert s3.get_object(Bucket=bucket, Key=key)["ETag"] == etag
    assert own.children("folder") == ([] if name.startswith(".") else [name])
    s3.put_object(Bucket=bucket, Key=key, Body=b"theirs")
    found = own.read_if_changed(key, etag)
    assert found is not None
    assert found.body == b"theirs"
    own.delete(key)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


@pytest.mark.parametrize("name", ["models//x", "models/../x"])
def test_a_list_with_a_name_that_is_no_key_names_it(own: S3Storage, bucket: str, s3: S3Client, name: str) -> None:
    own.write("models/x", b"")
    s3.put_object(Bucket=bucket, Key=name, Body=b"")
    with pytest.raises(StorageError, match="invalid path"):
        own.children("models")
    with pytest.raises(StorageError, match="invalid path"):
        own.keys("")


def test_children_come_from_all_pages(own: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for number in range(4):
        own.write(f"f/{number}", b"")
        own.write(f"f/folder-{number}/x", b"")
    assert own.children("f") == [*"0123", *(f"folder-{number}" for number in range(4))]
    assert own.keys("f") == [*(f"f/{number}" for number in range(4)), *(f"f/folder-{n}/x" for n in range(4))]


def test_the_marker_of_an_empty_folder_is_no_child(own: S3Storage, bucket: str, s3: S3Client) -> None:
    s3.put_object(Bucket=bucket, Key="uploads/churn/", Body=b"")
    assert own.children("uploads/churn") == []
    assert own.children("uploads") == ["churn"]
    assert own.keys("uploads/churn") == own.keys("uploads") == own.keys("") == []
    own.write("uploads/empty", b"")
    assert own.keys("") == ["uploads/empty"]


def test_prefixes_share_a_bucket_without_seeing_each_other(
    own: S3Storage, bucket: str, aws_variables: dict[str, str]
) -> None:
    one, two = (S3Storage(bucket, prefix, aws_variables) for prefix in ("team/one/", "/team/two"))
    one.create("k", b"1")
    two.create("k", b"2")
    assert (one.read("k").body, two.read("k").body) == (b"1", b"2")
    assert own.children("team") == ["one", "two"]
    assert str(one) == f"s3://{bucket}/team/one/"


def test_a_large_object_is_written_by_one_request_whose_condition_holds(relayed: S3Storage, relay: Relay) -> None:
    body = os.urandom(1_000_000) * 30
    etag = relayed.create("k", body)
    assert relayed.read("k").body == body
    assert relayed.size_bytes("k") == len(body)
    with pytest.raises(PreconditionFailedError):
        relayed.create("k", body)
    changed = relayed.replace("k", body + b"1", etag)
    with pytest.raises(PreconditionFailedError):
        relayed.replace("k", body, etag)
    assert relayed.read("k").etag == changed
    assert {command for command, _ in relay.asked} == {"PUT", "GET", "HEAD"}


def test_what_is_written_carries_the_digest_by_which_s3_refuses_a_changed_body(
    relayed: S3Storage, relay: Relay
) -> None:
    from hashlib import sha256

    relayed.write("k", b"rows")
    assert relay.headers[-1]["x-amz-content-sha256"] == sha256(b"rows").hexdigest()
    assert "x-amz-content-sha256" in relay.headers[-1]["authorization"]


def _read(connection: Connection, bucket: str, variables: dict[str, str]) -> None:
    try:
        connection.send(S3Storage(bucket, environment=variables).read("k").body)
    except StorageError as error:
        connection.send(str(error))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="SKIPPED: this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize(("method", "answer"), [("fork", "was forked from one that had used S3"), ("spawn", b"1")])
def test_a_forked_process_is_told_instead_of_waiting_for_ever(
    own: S3Storage, bucket: str, aws_variables: dict[str, str], method: str, answer: str | bytes
) -> None:
    own.write("k", b"1")
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context(method).Process(target=_read, args=(there, bucket, aws_variables))
    process.start()
    assert here.poll(60), "the process waits for threads that it does not have"
    found = here.recv()
    process.join()
    assert answer in found
