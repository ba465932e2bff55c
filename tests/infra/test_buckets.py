from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Json = dict[str, Any]


@pytest.fixture(params=["registry", "uploads"])
def bucket(request: pytest.FixtureRequest, template: Json, buckets: dict[str, str]) -> Json:
    resource: Json = template["Resources"][buckets[request.param]]
    return {**resource, "LogicalId": buckets[request.param]}


def test_only_two_buckets(resources: Callable[[str], Json], buckets: dict[str, str]) -> None:
    assert set(resources("AWS::S3::Bucket")) == set(buckets.values())


def test_buckets_are_private(bucket: Json) -> None:
    assert bucket["Properties"]["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


def test_buckets_are_encrypted(bucket: Json) -> None:
    (rule,) = bucket["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_buckets_refuse_plain_http_and_grant_nothing(bucket: Json, resources: Callable[[str], Json]) -> None:
    (policy,) = (
        one["Properties"]["PolicyDocument"]["Statement"]
        for one in resources("AWS::S3::BucketPolicy").values()
        if one["Properties"]["Bucket"] == {"Ref": bucket["LogicalId"]}
    )
    (statement,) = policy
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {"AWS": "*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_buckets_outlive_the_stack(bucket: Json) -> None:
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_registry_keeps_old_versions_of_objects_for_a_while(template: Json, buckets: dict[str, str]) -> None:
    properties = template["Resources"][buckets["registry"]]["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert "ExpirationInDays" not in rule


def test_uploads_expire(template: Json, buckets: dict[str, str]) -> None:
    (rule,) = template["Resources"][buckets["uploads"]]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 30
    assert rule["Status"] == "Enabled"


def test_pages_may_post_files_by_a_signed_form_and_no_more(template: Json, buckets: dict[str, str]) -> None:
    """A form is signed for one key and a size; the origin of the playground is known only after the deployment."""
    uploads, registry = (template["Resources"][buckets[name]]["Properties"] for name in ("uploads", "registry"))
    assert uploads["CorsConfiguration"]["CorsRules"] == [{"AllowedMethods": ["POST"], "AllowedOrigins": ["*"]}]
    assert "CorsConfiguration" not in registry


def test_trial_stage_can_be_deleted_whole(optional: Json) -> None:
    trial = optional["template"]["Resources"].values()
    kept = ("AWS::S3::Bucket", "AWS::Logs::LogGroup")
    assert {one["DeletionPolicy"] for one in trial if one["Type"] in kept} == {"Delete"}
    assert [one["Type"] for one in trial].count("Custom::S3AutoDeleteObjects") == 2
