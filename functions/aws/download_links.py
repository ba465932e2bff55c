"""Presigned links, by which a client fetches an object from S3 itself: the gateway limits the size of an answer."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from functions.core.storage import check_key
from functions.core.uploads import LINK_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3DownloadLinks:
    """Signer of links into `bucket`. Its role needs the permission to get the object."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    @cached_property
    def _client(self) -> S3Client:
        # not at the top: botocore takes half a second, and few requests are for a link
        from functions.aws.client import s3_client

        return s3_client()

    def create(self, key: str, *, file_name: str) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": self._prefix + check_key(key),
                "ResponseContentDisposition": f'attachment; filename="{file_name}"',
            },
            ExpiresIn=LINK_SECONDS,
        )
