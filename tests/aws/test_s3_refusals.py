"""Texts of obstore's errors, each made by a real request: what S3 refused, and what never reached it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import obstore
import pytest
from obstore.store import S3Store

from functions.aws.s3_connection import S3Connection
from functions.aws.s3_refusals import FAILURES, S3Refusal
from tests.s3_relay import NOBODY, Relay, Reply, refusal, s3_relay


@pytest.fixture
def relay() -> Iterator[Relay]:
    with s3_relay() as relay:
        yield relay


def client_of(url: str, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    monkeypatch.setattr("functions.aws.s3_connection.ATTEMPTS", 1)
    monkeypatch.setattr("functions.aws.s3_connection.READ_SECONDS", 1)
    variables = {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    return S3Connection("bucket", variables).store()


REQUESTS: dict[str, Callable[[S3Store], object]] = {
    "GET": lambda store: obstore.get(store, "k"),
    "HEAD": lambda store: obstore.head(store, "k"),
    "PUT": lambda store: obstore.put(store, "k", b"1", mode="create", use_multipart=False),
    "LIST": lambda store: obstore.list_with_delimiter(store, "k"),
}


def refused(store: S3Store, command: str = "GET") -> S3Refusal:
    with pytest.raises(FAILURES) as caught:
        REQUESTS[command](store)
    return S3Refusal(caught.value)


@pytest.mark.parametrize(
    ("command", "status", "code", "traits"),
    [
        ("GET", 404, "NoSuchKey", {"is_missing", "is_lost"}),
        ("GET", 404, "NoSuchBucket", set()),
        ("GET", 403, "AccessDenied", {"is_missing", "is_denied"}),
        ("GET", 403, "InvalidAccessKeyId", set()),
        ("GET", 400, "KeyTooLongError", {"is_missing"}),
        ("GET", 400, "AuthorizationHeaderMalformed", {"is_elsewhere"}),
        ("GET", 301, "PermanentRedirect", {"is_elsewhere"}),
        ("PUT", 412, "PreconditionFailed", {"is_lost"}),
        ("PUT", 409, "ConditionalRequestConflict", {"is_conflict"}),
        ("PUT", 403, "AccessDenied", {"is_missing", "is_denied"}),
        ("LIST", 403, "AccessDenied", {"is_missing", "is_denied"}),
        ("LIST", 404, "NoSuchBucket", set()),
        ("HEAD", 404, "", {"is_missing"}),
        ("HEAD", 403, "", {"is_missing", "is_denied"}),
        ("HEAD", 400, "", set()),
    ],
)
def test_status_and_code_are_those_of_the_answer(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, command: str, status: int, code: str, traits: set[str]
) -> None:
    relay.replies.append(refusal(status, code) if code else Reply(status))
    found = refused(client_of(relay.url, monkeypatch), command)
    names = ("is_missing", "is_denied", "is_lost", "is_conflict", "is_elsewhere", "is_unanswered")
    assert {name for name in names if getattr(found, name)} == traits
    if status != 301:  # obstore does not tell
        assert (found.status, found.code) == (status, code)
    if code and status != 301:
        assert str(found) == f"{code}: a text of S3"


@pytest.mark.parametrize(
    ("reply", "text", "is_unanswered"),
    [
        (NOBODY, "the connection ended without an answer", False),  # which obstore sends again by itself
        (Reply(200, delay_seconds=9), "no answer in time", True),
    ],
)
def test_a_write_that_nobody_answered_says_so(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, reply: Reply, text: str, is_unanswered: bool
) -> None:
    client = client_of(relay.url, monkeypatch)
    relay.replies += [Reply(200), reply]
    obstore.get(client, "k").bytes()
    found = refused(client, "PUT")
    assert (found.status, found.code, str(found), found.is_unanswered) == (None, "", text, is_unanswered)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://127.0.0.1:1", "no connection: Connection refused"),
        ("http://no.such.host.invalid", "no connection: failed to lookup address information"),
    ],
)
def test_what_did_not_leave_this_machine_says_why(monkeypatch: pytest.MonkeyPatch, url: str, text: str) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    found = refused(client_of(url, monkeypatch))
    assert str(found).startswith(text)
    assert not found.is_unanswered
    assert not found.is_missing


def test_a_provider_of_credentials_that_fails_says_so(relay: Relay) -> None:
    def provider() -> None:
        raise OSError("the single sign-on has ended: run aws sso login")

    store = S3Store(
        "bucket",
        endpoint=relay.url,
        region="us-east-1",
        client_options={"allow_http": True},
        credential_provider=provider,  # type: ignore[arg-type]
    )
    assert str(refused(store)) == "OSError: the single sign-on has ended: run aws sso login"
    assert relay.asked == []


def test_texts_are_for_people_and_name_no_types_of_another_language(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.replies.append(Reply(400, "<html>a proxy refuses</html>"))
    found = refused(client_of(relay.url, monkeypatch))
    assert "a proxy refuses" in str(found)
    assert "RetryError" not in str(found)
