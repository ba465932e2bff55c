"""Presigned forms: a client posts a training file to S3 itself, past the gateway's size limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.core.storage import check_key
from functions.core.uploads import UploadLink

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EXPIRES_SECONDS = 3600


class S3UploadLinks:
    """Signs forms for `bucket`; the signer must itself be allowed to put the object."""

    def __init__(self, bucket: str, prefix: str, client: S3Client) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = client

    def create(self, key: str, *, max_bytes: int) -> UploadLink:
        form = self._client.generate_presigned_post(
            self._bucket,
            self._prefix + check_key(key),
            Conditions=[["content-length-range", 1, max_bytes]],
            ExpiresIn=EXPIRES_SECONDS,
        )
        return UploadLink(form["url"], form["fields"], EXPIRES_SECONDS)
