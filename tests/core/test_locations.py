"""Places to keep objects: each location opens the storage of its scheme, and loads no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core.errors import StorageError
from functions.core.local_storage import LocalStorage
from functions.core.locations import is_folder, open_storage


@pytest.mark.parametrize(
    ("location", "bucket", "prefix"),
    [
        ("s3://my-bucket", "my-bucket", ""),
        ("s3://my-bucket/", "my-bucket", ""),
        ("s3://my.bucket/team/registry/", "my.bucket", "team/registry"),
    ],
)
def test_s3_locations_are_opened_at_their_bucket_and_prefix(location: str, bucket: str, prefix: str) -> None:
    storage = open_storage(location)
    assert isinstance(storage, S3Storage)
    assert (storage.bucket, storage.prefix.rstrip("/")) == (bucket, prefix)


@pytest.mark.parametrize("location", ["s3://", "s3://Bucket", "s3://my_bucket/k"])
def test_a_location_that_names_no_bucket_is_refused(location: str) -> None:
    with pytest.raises(StorageError, match="write s3://bucket"):
        open_storage(location)


@pytest.mark.parametrize("location", ["s3://my-bucket/../other", "s3://my-bucket/a//b"])
def test_prefixes_are_keys(location: str) -> None:
    with pytest.raises(StorageError, match="is no key"):
        open_storage(location)


@pytest.mark.parametrize("location", ["gs://bucket/registry", "https://host/registry", "S4://bucket"])
def test_a_scheme_without_a_storage_is_refused_and_is_no_folder(location: str) -> None:
    assert not is_folder(location)
    with pytest.raises(StorageError, match="write the path of a folder, or one of s3://"):
        open_storage(location)


def test_an_empty_location_is_not_the_folder_of_the_program() -> None:
    with pytest.raises(StorageError, match="an empty location: write the path of a folder"):
        open_storage("")


@pytest.mark.parametrize("location", ["registry", "./a:b", "C:\\models", "/srv/s3:/x"])
def test_a_path_is_a_folder(location: str) -> None:
    assert is_folder(location)


def test_anything_else_is_a_folder(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "registry"))
    assert isinstance(storage, LocalStorage)
    assert storage.root == tmp_path / "registry"


@pytest.mark.parametrize(
    ("location", "foreign"),
    [("s3://my-bucket", "filelock"), ("folder", "obstore"), ("s3://my-bucket", "botocore.exceptions")],
)
def test_a_place_loads_only_what_it_needs(location: str, foreign: str) -> None:
    code = (
        "import sys; from functions.core.locations import open_storage; "
        f"open_storage({location!r}); sys.exit({foreign!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_file_is_no_registry_and_not_an_empty_one(tmp_path: Path) -> None:
    file = tmp_path / "registry"
    file.write_text("rows")
    with pytest.raises(StorageError, match="is a file: write the path of a folder"):
        open_storage(str(file))
