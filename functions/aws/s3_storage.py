"""An S3 bucket, or a prefix in one, as Storage: conditional writes decide every race."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.aws.client import shared_s3_client
from functions.aws.s3_location import S3Location
from functions.aws.s3_past import erase_past
from functions.core.errors import ObjectNotFoundError, PreconditionFailedError, StorageError
from functions.core.storage import StoredObject, check_key, is_listed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

MISSING_CODES = frozenset({"NoSuchKey", "404", "AccessDenied", "403", "KeyTooLongError"})
"""The codes of a missing object. HEAD answers have no body, so botocore knows their status only."""
DENIED_CODES = frozenset({"AccessDenied", "403"})
CONFLICT_PAUSES = (0.05, 0.1, 0.2, 0.4)
WRITE = "write"
"""The metadata with a random mark, by which a writer knows its own object again."""


def open_location(location: str) -> S3Storage:
    """The storage at s3://bucket/prefix; raises StorageError for a malformed location."""
    place = S3Location.parse(location)
    return S3Storage(place.bucket, place.prefix)


class S3Storage:
    """Objects below `prefix` of `bucket`; etags as S3 gives them. Safe among threads.

    Without permission for s3:ListBucket, S3 answers 403 for a key that does not exist. So a denied read counts as a
    missing object, and a function without permission for s3:GetObject sees an empty registry.
    """

    def __init__(self, bucket: str, prefix: str = "", client: S3Client | None = None) -> None:
        """Make a client at the first use unless `client` is given."""
        self.bucket = bucket
        self.prefix = f"{check_key(prefix.strip('/'))}/" if prefix.strip("/") else ""
        self._given_client = client

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    @cached_property
    def _client(self) -> S3Client:
        return self._given_client or shared_s3_client()

    def read(self, key: str) -> StoredObject:
        with _reading(key):
            return self._get(key)

    def size_bytes(self, key: str) -> int:
        with _reading(key):
            return self._client.head_object(Bucket=self.bucket, Key=self._full(key))["ContentLength"]

    def read_if_changed(self, key: str, etag: str) -> StoredObject | None:
        with _reading(key):
            try:
                return self._get(key, IfNoneMatch=etag)
            except ClientError as error:
                if _status(error) == 304:
                    return None
                raise

    def write(self, key: str, body: bytes) -> str:
        with _writing(key):
            return self._put(key, body)

    def create(self, key: str, body: bytes) -> str:
        with _writing(key):
            return self._put_if(key, body, IfNoneMatch="*")

    def replace(self, key: str, body: bytes, etag: str) -> str:
        with _writing(key):
            return self._put_if(key, body, IfMatch=etag)

    def children(self, prefix: str) -> list[str]:
        folder = self._folder(prefix)
        names: set[str] = set()
        for page in self._pages(prefix, "/"):
            names |= {one["Prefix"][len(folder) : -1] for one in page.get("CommonPrefixes", ())}
            names |= {one["Key"][len(folder) :] for one in page.get("Contents", ())}
        return sorted(filter(is_listed, names))

    def keys(self, prefix: str) -> list[str]:
        found = (one["Key"] for page in self._pages(prefix) for one in page.get("Contents", ()))
        return sorted(filter(is_listed, (key[len(self.prefix) :] for key in found)))

    def delete(self, key: str) -> None:
        with _writing(key):
            self._client.delete_object(Bucket=self.bucket, Key=self._full(key))

    def erase_past(self, prefix: str) -> None:
        with _writing(prefix):
            erase_past(self._client, self.bucket, self.prefix + prefix)

    def _pages(self, prefix: str, delimiter: str = "") -> Iterator[ListObjectsV2OutputTypeDef]:
        """The answers of S3, each with at most 1000 names."""
        pages = self._client.get_paginator("list_objects_v2")
        with _writing(f"{prefix}/"):
            yield from pages.paginate(Bucket=self.bucket, Prefix=self._folder(prefix), Delimiter=delimiter)

    def _folder(self, prefix: str) -> str:
        return f"{self._full(prefix)}/" if prefix else self.prefix

    def _full(self, key: str) -> str:
        return self.prefix + check_key(key)

    def _get(self, key: str, **condition: Any) -> StoredObject:
        answer = self._client.get_object(Bucket=self.bucket, Key=self._full(key), **condition)
        return StoredObject(answer["Body"].read(), answer["ETag"])

    def _put(self, key: str, body: bytes, **extra: Any) -> str:
        return self._client.put_object(Bucket=self.bucket, Key=self._full(key), Body=body, **extra)["ETag"]

    def _put_if(self, key: str, body: bytes, **condition: Any) -> str:
        """Write under a condition; write again after 409, by which S3 refuses one of two writes at once."""
        write = secrets.token_hex(16)
        for pause in CONFLICT_PAUSES:
            try:
                return self._put(key, body, Metadata={WRITE: write}, **condition)
            except ClientError as error:
                if _is_lost(error):
                    return self._own_etag(key, write)
                if _status(error) != 409:
                    raise
            # jitter, so that writers which met once do not meet again
            time.sleep(pause * (1 + secrets.randbelow(100) / 100))
        raise PreconditionFailedError(key)

    def _own_etag(self, key: str, write: str) -> str:
        """The etag of the object if this write made it: its answer was lost, and botocore sent it again.

        Raises PreconditionFailedError if another writer was first.
        """
        try:
            head = self._client.head_object(Bucket=self.bucket, Key=self._full(key))
        except ClientError as error:
            if _code(error) in MISSING_CODES:
                raise PreconditionFailedError(key) from None
            raise
        if head["Metadata"].get(WRITE) != write:
            raise PreconditionFailedError(key)
        return head["ETag"]


def is_denied(error: StorageError) -> bool:
    """True if S3 refused the request because the role may not make it."""
    return isinstance(error.__cause__, ClientError) and _code(error.__cause__) in DENIED_CODES


@contextmanager
def _reading(key: str) -> Iterator[None]:
    """Raise errors of S3 as ObjectNotFoundError if the object is missing, else as StorageError."""
    with _writing(key):
        try:
            yield
        except ClientError as error:
            if _code(error) in MISSING_CODES:
                raise ObjectNotFoundError(key) from None
            raise


@contextmanager
def _writing(key: str) -> Iterator[None]:
    """Raise errors of botocore and of S3 as StorageError."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise StorageError(f"S3 failed at {key!r}: {error}") from error


def _is_lost(error: ClientError) -> bool:
    """True for 412, the condition does not hold, and for 404, there is no object to match it."""
    return _status(error) == 412 or _code(error) == "NoSuchKey"


def _status(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
