"""The place in S3 that presigned forms and links lead to, and the client that signs them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from functions.core.storage import check_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class PresignedPlace:
    """Objects below `prefix` of `bucket`."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    @cached_property
    def client(self) -> S3Client:
        # not at the top: botocore takes half a second, and few requests are for a form or a link
        from functions.aws.client import s3_client

        return s3_client()

    def full(self, key: str) -> str:
        """`key` as the bucket has it; raises StorageError for what is no key."""
        return self._prefix + check_key(key)
