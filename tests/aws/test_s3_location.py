"""Locations on S3: a bucket and a prefix, and a refusal of any other text."""

from __future__ import annotations

import pytest

from functions.aws.s3_location import S3Location
from functions.core.errors import StorageError


@pytest.mark.parametrize(
    ("location", "bucket", "prefix"),
    [
        ("s3://my-bucket", "my-bucket", ""),
        ("s3://my-bucket/", "my-bucket", ""),
        ("s3://my.bucket/team/registry/", "my.bucket", "team/registry"),
        ("s3://my-bucket/año 1", "my-bucket", "año 1"),
        ("s3://my-bucket/a\nb", "my-bucket", "a\nb"),
    ],
)
def test_a_location_is_a_bucket_and_a_prefix(location: str, bucket: str, prefix: str) -> None:
    assert S3Location.parse(location) == S3Location(bucket, prefix)


@pytest.mark.parametrize("location", ["s3://", "s3:///key", "s3://Bucket", "my-bucket", "s3://b", "s3://my_bucket/k"])
def test_other_texts_are_refused_with_what_to_write(location: str) -> None:
    with pytest.raises(StorageError, match="write s3://bucket"):
        S3Location.parse(location)
