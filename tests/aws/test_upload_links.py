"""Presigned forms: accepted by S3 for one key, and limited in size and time."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from functions.aws.s3_storage import S3Storage
from functions.aws.upload_links import S3UploadLinks
from functions.core.uploads import UploadLink

KEY = "uploads/churn/jobs/0123/rows.csv"


def test_the_form_puts_a_file_under_its_key(aws_environment: None, bucket: str) -> None:
    link = S3UploadLinks(bucket, "").create(KEY, max_bytes=100)
    answer = httpx.post(link.url, data=link.fields, files={"file": ("rows.csv", b"a,b\n1,2\n")})
    assert answer.status_code == 204
    assert S3Storage(bucket).read(KEY).body == b"a,b\n1,2\n"


def test_the_policy_limits_size_key_and_time(aws_environment: None) -> None:
    link = S3UploadLinks("bucket", "team").create(KEY, max_bytes=100)
    policy = _policy(link)
    assert ["content-length-range", 1, 100] in policy["conditions"]
    assert {"key": f"team/{KEY}"} in policy["conditions"]
    assert {"bucket": "bucket"} in policy["conditions"]
    left = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
    assert 3500 < left.total_seconds() <= 3600 == link.expires_seconds


def test_forms_are_for_the_buckets_own_region(aws_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    link = S3UploadLinks("my-bucket", "").create(KEY, max_bytes=100)
    assert link.url == "https://my-bucket.s3.eu-west-1.amazonaws.com/"
    assert link.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "cn-north-1"])
def test_a_form_goes_to_one_of_the_origins_that_the_page_may_send_to(
    aws_environment: None, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    monkeypatch.delenv("AWS_REGION", raising=False)
    links = S3UploadLinks("my-bucket", "")
    assert _origin(links.create(KEY, max_bytes=100)) in links.origins


def test_with_an_endpoint_of_its_own_the_origin_is_the_endpoints(aws_environment: None, bucket: str) -> None:
    links = S3UploadLinks(bucket, "")
    assert (_origin(links.create(KEY, max_bytes=100)),) == links.origins


def _origin(link: UploadLink) -> str:
    address = urlsplit(link.url)
    return f"{address.scheme}://{address.netloc}"


def _policy(link: UploadLink) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(base64.b64decode(link.fields["policy"]))
    return policy
