"""Presigned forms, with which a client posts a file to S3 itself: the gateway limits the size of a body."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from functions.aws.presigned_place import PresignedPlace
from functions.core.uploads import LINK_SECONDS, UploadLink


class S3UploadLinks:
    """Signer of forms for `bucket`. Its role needs the permission to put the object."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._place = PresignedPlace(bucket, prefix)

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins of the bucket, found without botocore: every browser that opens the page is told them."""
        own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if own:
            address = urlsplit(own)
            return (f"{address.scheme}://{address.netloc}",)
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        regional = f"https://{self._place.bucket}.s3.{region}.{suffix}"
        return (regional, f"https://{self._place.bucket}.s3.{suffix}") if region == "us-east-1" else (regional,)

    def create(self, key: str, *, max_bytes: int) -> UploadLink:
        form = self._place.client.generate_presigned_post(
            self._place.bucket,
            self._place.full(key),
            Conditions=[["content-length-range", 1, max_bytes]],
            ExpiresIn=LINK_SECONDS,
        )
        return UploadLink(form["url"], form["fields"], LINK_SECONDS)
