"""What a versioned bucket keeps of overwritten and deleted objects, and its removal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from functions.aws.s3_past import erase_past
from functions.aws.s3_storage import S3Storage
from functions.core.errors import StorageError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def contents(s3: S3Client, bucket: str) -> dict[str, list[bytes]]:
    """Everything that the bucket holds under each key, older versions too."""
    found: dict[str, list[bytes]] = {}
    for one in s3.list_object_versions(Bucket=bucket).get("Versions", ()):
        body = s3.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
        found.setdefault(one["Key"], []).append(body)
    return found


def test_the_present_stays_and_the_past_below_the_prefix_goes(s3: S3Client, versioned_bucket: str) -> None:
    for key in ("data/aa", "data/aa.ids/1.json", "data/b", "other/aa"):
        for body in (b"old", b"new"):
            s3.put_object(Bucket=versioned_bucket, Key=key, Body=body)
    s3.delete_object(Bucket=versioned_bucket, Key="data/aa.ids/1.json")
    erase_past(s3, versioned_bucket, "data/aa")
    assert contents(s3, versioned_bucket) == {
        "data/aa": [b"new"],
        "data/b": [b"new", b"old"],
        "other/aa": [b"new", b"old"],
    }
    erase_past(s3, versioned_bucket, "data/aa")
    assert s3.get_object(Bucket=versioned_bucket, Key="data/aa")["Body"].read() == b"new"


def test_a_bucket_that_keeps_nothing_stays_as_it_is(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="data/a", Body=b"new")
    erase_past(s3, bucket, "data")
    assert contents(s3, bucket) == {"data/a": [b"new"]}


@pytest.mark.usefixtures("aws_environment")
def test_the_storage_erases_below_its_own_prefix_only(s3: S3Client, versioned_bucket: str) -> None:
    storages = [S3Storage(versioned_bucket, prefix) for prefix in ("one", "two")]
    for storage in storages:
        storage.write("uploads/a", b"row")
        storage.delete("uploads/a")
    storages[0].erase_past("uploads/")
    assert contents(s3, versioned_bucket) == {"two/uploads/a": [b"row"]}


def test_a_refusal_is_an_error_of_the_storage(s3: S3Client) -> None:
    with pytest.raises(StorageError, match=r"older versions below 'data' could not be deleted: .*NoSuchBucket"):
        erase_past(s3, "despliegue-that-is-not-there", "data")
