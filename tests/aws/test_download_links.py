"""Presigned links: S3 gives one object, under a name for saving, for an hour."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from functions.aws.download_links import S3DownloadLinks
from functions.aws.s3_storage import S3Storage
from functions.core.errors import StorageError

KEY = "batches/churn/0/out/part-00001.jsonl.gz"


def test_a_link_gets_the_object(aws_environment: None, bucket: str) -> None:
    S3Storage(bucket, "team").write(KEY, b"rows")
    answer = httpx.get(S3DownloadLinks(bucket, "team").create(KEY, file_name="mine.jsonl.gz"))
    assert (answer.status_code, answer.content) == (200, b"rows")


def test_a_link_is_for_an_hour_and_names_the_file(aws_environment: None) -> None:
    query = parse_qs(urlsplit(S3DownloadLinks("bucket", "").create(KEY, file_name="mine.gz")).query)
    assert query["X-Amz-Expires"] == ["3600"]
    assert query["response-content-disposition"] == ['attachment; filename="mine.gz"']
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_what_is_no_key_gets_no_link(aws_environment: None) -> None:
    with pytest.raises(StorageError):
        S3DownloadLinks("bucket", "").create("../x", file_name="x")
