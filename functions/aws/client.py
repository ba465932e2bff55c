"""The clients of AWS as a short-lived function wants them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
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
    """What is used of the Secrets Manager client."""

    def get_secret_value(self, *, SecretId: str, VersionStage: str) -> Any: ...

    def put_secret_value(self, *, SecretId: str, SecretString: str, VersionStages: list[str]) -> Any: ...

    def update_secret_version_stage(
        self, *, SecretId: str, VersionStage: str, MoveToVersionId: str, RemoveFromVersionId: str
    ) -> Any: ...


def s3_client(environment: Mapping[str, str] = os.environ) -> S3Client:
    """A client with a session of its own, because sessions are not safe among threads and clients are.

    Presigned forms come out in Signature 4 and for the bucket's own region: the default is Signature 2
    and the host of us-east-1, which redirects, and a browser's form does not follow.
    """
    config = _config(READ_SECONDS, ATTEMPTS).merge(
        Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if _has_own_endpoint(environment) else "virtual"},
        )
    )
    # what boto3 adds to botocore is not used here, and costs 45 ms of every cold start
    return cast("S3Client", get_session().create_client("s3", config=config))


def shared_s3_client() -> S3Client:
    """One client for all storages of a process: each costs some 50 ms of every cold start."""
    return _shared_s3_client(tuple(sorted(one for one in os.environ.items() if one[0].startswith("AWS_"))))


@cache
def _shared_s3_client(settings: tuple[tuple[str, str], ...]) -> S3Client:
    return s3_client()


def secrets_client() -> SecretsClient:
    """A client that gives up within 10 seconds: the gateway waits no longer for its authorizer."""
    config = _config(SECRET_READ_SECONDS, SECRET_ATTEMPTS)
    return cast(SecretsClient, get_session().create_client("secretsmanager", config=config))


def _config(read_seconds: float, attempts: int) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


def _has_own_endpoint(environment: Mapping[str, str]) -> bool:
    """Whether S3 is somebody else's, whose host rarely answers for bucket.host."""
    return bool(environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL"))
