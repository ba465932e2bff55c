"""The secret of the tokens: what is written is read, and it is whole after every race."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.httpsession import URLLib3Session

from functions.aws.client import secrets_client
from functions.aws.secrets import LOST_RACE_PAUSES, SecretError, TokenSecret
from functions.core.errors import ConflictError, DamagedRecordError, NotFoundError
from functions.core.tokens import TokenRecord, TokenRecords, make_token
from tests.secrets_manager import EMPTY, new_secret, secret_with, secrets_manager

NOW = datetime(2026, 1, 31, tzinfo=UTC)
Change = Callable[[TokenRecords], TokenRecords]


def token(name: str) -> TokenRecord:
    return make_token(name, ["predict"], now=NOW)[0]


def adding(name: str) -> Change:
    record = token(name)
    return lambda tokens: tokens.with_token(record, NOW)


def names(tokens: TokenRecords) -> list[str]:
    return [one.name for one in tokens.tokens]


@pytest.fixture(autouse=True)
def impatient(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.secrets.LOST_RACE_PAUSES", (0.0,) * len(LOST_RACE_PAUSES))
    monkeypatch.setattr("functions.aws.client.SECRET_ATTEMPTS", 1)


def test_what_is_written_is_read_by_name_and_by_arn() -> None:
    name = new_secret()
    written = TokenSecret(name).update(adding("ana"))
    arn = secrets_manager().describe_secret(SecretId=name)["ARN"]
    assert names(written) == ["ana"]
    assert TokenSecret(name).read() == TokenSecret(arn).read() == written


def test_a_change_that_is_refused_writes_nothing() -> None:
    secret = TokenSecret(secret_with(token("ana")))
    with pytest.raises(NotFoundError, match="known: ana"):
        secret.update(lambda tokens: tokens.without_token("bob"))
    assert len(_versions(secret.secret)) == 1


def test_two_writers_at_once_lose_nothing() -> None:
    secret = TokenSecret(secret_with(token("first")))
    meanwhile = [adding("other"), lambda tokens: tokens.without_token("first")]

    def while_others_write(tokens: TokenRecords) -> TokenRecords:
        if meanwhile:
            TokenSecret(secret.secret).update(meanwhile.pop(0))
        return adding("ana")(tokens)

    assert names(secret.update(while_others_write)) == ["other", "ana"]
    assert names(secret.read()) == ["other", "ana"]


def test_a_value_that_somebody_else_puts_meanwhile_is_not_overwritten() -> None:
    """A write without a comparison, like one from the console or the AWS command line."""
    secret = TokenSecret(new_secret())
    foreign = TokenRecords((token("by-hand"),)).to_json().decode()
    puts = [foreign]

    def while_somebody_puts(tokens: TokenRecords) -> TokenRecords:
        if puts:
            secrets_manager().put_secret_value(SecretId=secret.secret, SecretString=puts.pop())
        return adding("ana")(tokens)

    assert names(secret.update(while_somebody_puts)) == ["by-hand", "ana"]


def test_a_writer_that_is_killed_before_the_end_changed_nothing() -> None:
    name = secret_with(token("ana"))
    client = secrets_client()
    client.meta.events.register("before-send.secretsmanager.UpdateSecretVersionStage", _kill)  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        TokenSecret(name, client).update(adding("bob"))
    assert names(TokenSecret(name).read()) == ["ana"]
    assert names(TokenSecret(name).update(adding("carla"))) == ["ana", "carla"]


def test_a_writer_that_always_loses_gives_up_and_has_changed_nothing() -> None:
    secret = TokenSecret(new_secret())
    tries: list[int] = []

    def always_too_late(tokens: TokenRecords) -> TokenRecords:
        tries.append(len(tries))
        TokenSecret(secret.secret).update(adding(f"other-{tries[-1]}"))
        return adding("ana")(tokens)

    with pytest.raises(ConflictError, match=secret.secret):
        secret.update(always_too_late)
    assert names(secret.read()) == [f"other-{number}" for number in tries]
    assert len(tries) == len(LOST_RACE_PAUSES)


def test_a_write_whose_answer_was_lost_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.aws.client.SECRET_ATTEMPTS", 2)
    client = secrets_client()
    _lose_the_first_answer(client, "UpdateSecretVersionStage")
    secret = TokenSecret(new_secret(), client)
    calls: list[TokenRecords] = []

    def change(tokens: TokenRecords) -> TokenRecords:
        calls.append(tokens)
        return adding("ana")(tokens)

    assert names(secret.update(change)) == ["ana"]
    assert len(calls) == 1


def test_no_writer_leaves_more_than_one_label_behind() -> None:
    """A secret has room for 20 labels over all its versions."""
    secret = TokenSecret(new_secret())
    for number in range(4):
        secret.update(adding(f"ana-{number}"))
    labels = [label for stages in _versions(secret.secret).values() for label in stages]
    assert sorted(labels) == ["AWSCURRENT", "AWSPREVIOUS", "DESPLIEGUE-PENDING"]


def test_without_a_connection_the_secret_is_named_and_so_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(SecretError, match="secret despliegue-prod/tokens: Could not connect"):
        TokenSecret("despliegue-prod/tokens").read()


def test_a_secret_that_does_not_exist_is_named() -> None:
    with pytest.raises(SecretError, match="secret nothing: no such secret"):
        TokenSecret("nothing").read()


def test_a_missing_permission_is_named() -> None:
    client = secrets_client()
    _fail(client, "GetSecretValue", code="AccessDeniedException", status=400)
    with pytest.raises(SecretError, match=r"access denied: .* lacks a permission"):
        TokenSecret(new_secret(), client).read()


@pytest.mark.parametrize(
    ("unset", "remedy"),
    [
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "no AWS credentials: set AWS_PROFILE"),
        (["AWS_DEFAULT_REGION"], "no AWS region: set AWS_DEFAULT_REGION"),
    ],
)
def test_a_missing_configuration_is_named(unset: list[str], remedy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in unset:
        monkeypatch.delenv(name)
    with pytest.raises(SecretError, match=remedy):
        TokenSecret("despliegue-prod/tokens").read()


def test_a_damaged_document_is_named_by_its_secret_and_not_quoted() -> None:
    secret = TokenSecret(new_secret("dsp_pasted-by-mistake"))
    with pytest.raises(DamagedRecordError, match=f"the secret {secret.secret} cannot be read") as caught:
        secret.read()
    assert "pasted" not in str(caught.value)


def test_a_binary_secret_is_damaged() -> None:
    name = new_secret(EMPTY)
    secrets_manager().put_secret_value(SecretId=name, SecretBinary=b"x")
    with pytest.raises(DamagedRecordError):
        TokenSecret(name).read()


def _versions(secret: str) -> dict[str, list[str]]:
    found = secrets_manager().list_secret_version_ids(SecretId=secret, IncludeDeprecated=True)["Versions"]
    return {one["VersionId"]: one.get("VersionStages", []) for one in found}


def _kill(**_: Any) -> None:
    raise KeyboardInterrupt


def _count(client: Any, operation: str) -> list[str]:
    """A list that grows with every request of that operation."""
    sent: list[str] = []

    def send(request: AWSPreparedRequest, **_: Any) -> None:
        sent.append(str(request.url))

    client.meta.events.register(f"before-send.secretsmanager.{operation}", send)
    return sent


def _fail(client: Any, operation: str, *, code: str = "InternalServiceError", status: int = 500) -> list[str]:
    """Answer the operation with that error from now on, until the list is cleared."""
    failing = [code]

    def send(request: AWSPreparedRequest, **_: Any) -> Any:
        return _answer(request, status, f'{{"__type": "{code}"}}'.encode()) if failing else None

    client.meta.events.register(f"before-send.secretsmanager.{operation}", send)
    return failing


def _lose_the_first_answer(client: Any, operation: str) -> None:
    """The first request from now on arrives, but what comes back is an error of the connection's other end."""
    lost: list[AWSResponse] = []

    def send(request: AWSPreparedRequest, **_: Any) -> Any:
        if lost:
            return None
        lost.append(URLLib3Session().send(request))
        assert lost[0].status_code == 200
        return _answer(request, 500, b"{}")

    client.meta.events.register(f"before-send.secretsmanager.{operation}", send)


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        yield self._content


def _answer(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    return AWSResponse(str(request.url), status, HTTPHeaders(), _Body(body))
