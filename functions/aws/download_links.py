"""Presigned links, by which a client fetches an object from S3 itself: the gateway limits the size of an answer."""

from __future__ import annotations

from functions.aws.presigned_place import PresignedPlace
from functions.core.uploads import LINK_SECONDS


class S3DownloadLinks:
    """Signer of links into `bucket`. Its role needs the permission to get the object."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._place = PresignedPlace(bucket, prefix)

    def create(self, key: str, *, file_name: str) -> str:
        return self._place.client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._place.bucket,
                "Key": self._place.full(key),
                "ResponseContentDisposition": f'attachment; filename="{file_name}"',
            },
            ExpiresIn=LINK_SECONDS,
        )
