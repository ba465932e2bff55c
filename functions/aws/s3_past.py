"""Older versions of the objects in a versioned bucket, where what was overwritten or deleted is still there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.core.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def erase_past(client: S3Client, bucket: str, prefix: str) -> None:
    """Delete every version below `prefix` that is not the latest of its key; of a deleted key, every content.

    It takes s3:ListBucketVersions and s3:DeleteObjectVersion. Raises StorageError.
    """
    try:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for one in page.get("Versions", ()):
                if not one["IsLatest"]:
                    client.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
    except (ClientError, BotoCoreError) as error:
        raise StorageError(f"older versions below {prefix!r} could not be deleted: {error}") from error
