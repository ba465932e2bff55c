"""The two buckets: the registry, which is the only truth, and the uploads and files of batches, which pass through."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.findings import acknowledge
from infra.permissions import BATCH_PREFIX, TO_PREDICT_PREFIX, UPLOAD_PREFIX

NONCURRENT_DAYS = 90
INCOMPLETE_UPLOAD_DAYS = 7


class Buckets(Construct):
    """Two private, encrypted buckets that refuse plain HTTP. With `removal` DESTROY they go with the stack.

    Every page may post a file with the form that the API gives it, and fetch results by its links, because signatures
    permit that: the origin of the playground is known only once the API is there.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, removal: RemovalPolicy, upload_days: int, batch_days: int
    ) -> None:
        super().__init__(scope, construct_id)
        self.registry = _bucket(
            self,
            "Registry",
            removal=removal,
            versioned=True,
            rules=[s3.LifecycleRule(noncurrent_version_expiration=Duration.days(NONCURRENT_DAYS))],
        )
        self.uploads = _bucket(
            self,
            "Uploads",
            removal=removal,
            versioned=False,
            rules=[
                s3.LifecycleRule(prefix=prefix, expiration=Duration.days(days))
                for prefix, days in {
                    UPLOAD_PREFIX: upload_days,
                    TO_PREDICT_PREFIX: batch_days,
                    BATCH_PREFIX: batch_days,
                }.items()
            ],
        )
        self.uploads.add_cors_rule(allowed_methods=[s3.HttpMethods.POST, s3.HttpMethods.GET], allowed_origins=["*"])


def _bucket(
    scope: Construct,
    construct_id: str,
    *,
    removal: RemovalPolicy,
    versioned: bool,
    rules: Sequence[s3.LifecycleRule],
) -> s3.Bucket:
    unfinished = s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(INCOMPLETE_UPLOAD_DAYS))
    bucket = s3.Bucket(
        scope,
        construct_id,
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        versioned=versioned,
        lifecycle_rules=[*rules, unfinished],
        removal_policy=removal,
        auto_delete_objects=removal is RemovalPolicy.DESTROY,
    )
    acknowledge(bucket, "S1", "only the functions' roles read and write it; who must know more turns on CloudTrail")
    return bucket
