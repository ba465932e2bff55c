"""Clients of botocore, for what only it does: forms, older versions of objects, secrets, events and batches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from botocore.config import Config
from botocore.session import get_session

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS = 2
READ_SECONDS = 20
ATTEMPTS = 3
SECRET_READ_SECONDS = 2
SECRET_ATTEMPTS = 2


class SecretsClient(Protocol):
    """The part of the Secrets Manager client that Despliegue uses."""

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> Any: ...

    def put_secret_value(self, *, SecretId: str, SecretString: str, VersionStages: list[str]) -> Any: ...

    def update_secret_version_stage(
        self, *, SecretId: str, VersionStage: str, MoveToVersionId: str, RemoveFromVersionId: str
    ) -> Any: ...


class TableClient(Protocol):
    """The part of the DynamoDB client that Despliegue uses."""

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> Any: ...

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Any: ...


class MachineClient(Protocol):
    """The part of the Step Functions client that Despliegue uses."""

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> Any: ...


class EventsClient(Protocol):
    """The part of the EventBridge client that Despliegue uses."""

    def put_events(self, *, Entries: list[dict[str, Any]]) -> Any: ...


def s3_client(environment: Mapping[str, str] = os.environ) -> S3Client:
    """A client for forms and for older versions of objects.

    It has a session of its own, because clients are safe among threads and sessions are not. It signs forms with
    Signature 4 for the region of the bucket. By default botocore signs them with Signature 2 for us-east-1, whose host
    redirects, and forms of browsers do not follow a redirect.
    """
    config = _config(READ_SECONDS, ATTEMPTS).merge(
        Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if _has_own_endpoint(environment) else "virtual"},
        )
    )
    # botocore alone is enough: boto3 would add 45 ms to every cold start
    return cast("S3Client", get_session().create_client("s3", config=config))


def secrets_client() -> SecretsClient:
    """A Secrets Manager client that gives up within 10 seconds: the gateway waits no longer for its authorizer."""
    config = _config(SECRET_READ_SECONDS, SECRET_ATTEMPTS)
    return cast(SecretsClient, get_session().create_client("secretsmanager", config=config))


def table_client(connections: int) -> TableClient:
    """A DynamoDB client for that many threads."""
    config = _config(READ_SECONDS, ATTEMPTS).merge(Config(max_pool_connections=connections))
    return cast(TableClient, get_session().create_client("dynamodb", config=config))


def machine_client() -> MachineClient:
    """A Step Functions client."""
    return cast(MachineClient, get_session().create_client("stepfunctions", config=_config(READ_SECONDS, ATTEMPTS)))


def events_client() -> EventsClient:
    """An EventBridge client."""
    return cast(EventsClient, get_session().create_client("events", config=_config(READ_SECONDS, ATTEMPTS)))


def _config(read_seconds: float, attempts: int) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


def _has_own_endpoint(environment: Mapping[str, str]) -> bool:
    """True for an S3 of another provider, whose server rarely answers under bucket.host."""
    return bool(environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL"))
