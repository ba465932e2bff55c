"""The parts of a location s3://bucket/prefix."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.core.errors import StorageError

S3_LOCATION = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket and a prefix; the prefix has no slashes at its ends, and is empty for the whole bucket."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, location: str) -> S3Location:
        """The parts of `location`. Raises StorageError unless it is s3://bucket or s3://bucket/prefix."""
        match = S3_LOCATION.fullmatch(location)
        if match is None:
            raise StorageError(f"{location!r} is no S3 location: write s3://bucket or s3://bucket/prefix")
        return cls(match["bucket"], (match["prefix"] or "").strip("/"))
