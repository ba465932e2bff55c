"""s3://bucket/prefix taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.core.errors import StorageError

S3_LOCATION = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class S3Location:
    """`prefix` without slashes at its ends; empty for the whole bucket."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, location: str) -> S3Location:
        """Raises StorageError unless `location` is s3://bucket or s3://bucket/prefix."""
        found = S3_LOCATION.fullmatch(location)
        if found is None:
            raise StorageError(f"{location!r} is no S3 location: write s3://bucket or s3://bucket/prefix")
        return cls(found["bucket"], (found["prefix"] or "").strip("/"))
