"""Where things are kept, as operators write it: s3://bucket/prefix, or the path of a folder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from functions.core.errors import StorageError
from functions.core.storage import Storage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SCHEME = "s3://"
S3_LOCATION = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class S3Location:
    """`prefix` without slashes at its ends; empty for the whole bucket."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, location: str) -> S3Location:
        """Raises StorageError for what is no s3://bucket or s3://bucket/prefix."""
        found = S3_LOCATION.fullmatch(location)
        if found is None:
            raise StorageError(f"{location!r} is no S3 location: write s3://bucket or s3://bucket/prefix")
        return cls(found["bucket"], (found["prefix"] or "").strip("/"))


def is_s3(location: str) -> bool:
    return location.startswith(SCHEME)


def open_storage(location: str, client: S3Client | None = None) -> Storage:
    """The storage at a location. Only what it needs is imported: botocore for S3, file locks for a folder."""
    if is_s3(location):
        from functions.aws.s3_storage import S3Storage

        place = S3Location.parse(location)
        return S3Storage(place.bucket, place.prefix, client)
    from functions.core.local_storage import LocalStorage

    return LocalStorage(Path(location))
