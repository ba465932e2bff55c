from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.core.batch_keys import BATCHES_PREFIX
from functions.core.uploads import TO_PREDICT_PREFIX, UPLOADS_PREFIX

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


def test_buckets_outlive_the_stack_but_not_a_first_deployment_that_failed(bucket: Json) -> None:
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_registry_keeps_old_versions_of_objects_for_a_while(template: Json, buckets: dict[str, str]) -> None:
    properties = template["Resources"][buckets["registry"]]["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = properties["LifecycleConfiguration"]["Rules"]
    (rule,) = (one for one in rules if "NoncurrentVersionExpiration" in one)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert "Prefix" not in rule
    assert not any("ExpirationInDays" in one for one in rules)


def expirations(template: Json) -> dict[str | None, int]:
    """The days that objects of the uploads bucket are kept, by their prefix."""
    uploads = template["Outputs"]["UploadBucket"]["Value"]["Ref"]
    rules = template["Resources"][uploads]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert {one["Status"] for one in rules} == {"Enabled"}
    return {one.get("Prefix"): one["ExpirationInDays"] for one in rules if "ExpirationInDays" in one}


def test_uploads_and_files_of_batches_expire_each_after_its_own_days(template: Json, optional: Json) -> None:
    """A rule for the whole bucket would take results as early as uploads: of two rules the shorter one counts."""
    prefixes = (f"{UPLOADS_PREFIX}/", f"{TO_PREDICT_PREFIX}/", f"{BATCHES_PREFIX}/")
    assert expirations(template) == dict(zip(prefixes, (30, 90, 90), strict=True))
    assert expirations(optional["template"]) == dict(zip(prefixes, (3, 5, 5), strict=True))


def test_parts_of_uploads_that_never_ended_go_after_a_week(bucket: Json) -> None:
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = (one for one in rules if "AbortIncompleteMultipartUpload" in one)
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    assert "Prefix" not in rule


def test_pages_may_post_files_and_fetch_results_by_signatures_and_no_more(
    template: Json, buckets: dict[str, str]
) -> None:
    """A form is signed for one key and a size; the origin of the playground is known only after the deployment."""
    uploads, registry = (template["Resources"][buckets[name]]["Properties"] for name in ("uploads", "registry"))
    assert uploads["CorsConfiguration"]["CorsRules"] == [{"AllowedMethods": ["POST", "GET"], "AllowedOrigins": ["*"]}]
    assert "CorsConfiguration" not in registry


def test_trial_stage_can_be_deleted_whole(optional: Json) -> None:
    trial = optional["template"]["Resources"].values()
    kept = ("AWS::S3::Bucket", "AWS::Logs::LogGroup")
    assert {one["DeletionPolicy"] for one in trial if one["Type"] in kept} == {"Delete"}
    assert [one["Type"] for one in trial].count("Custom::S3AutoDeleteObjects") == 2
