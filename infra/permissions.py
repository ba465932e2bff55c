"""Permissions of the functions, by key prefix, all on one page.

The registry's layout is models/<name>/{versions,history,jobs}/..., models/<name>/production.json and
data/<sha256>.
"""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager

UPLOAD_PREFIX = "uploads/"


def predict_statements(*, registry: s3.IBucket, model: str) -> list[iam.PolicyStatement]:
    """Permission to read the versions and the pointer of the function's own model, and nothing else."""
    return [_allow("s3:GetObject", registry, f"models/{model}/versions/*", f"models/{model}/production.json")]


def control_statements(*, registry: s3.IBucket, uploads: s3.IBucket) -> list[iam.PolicyStatement]:
    """Permission to read all models and to write pointers, history, jobs and uploads, but no versions.

    Training data can be neither read nor written.
    """
    return [
        _allow("s3:GetObject", registry, "models/*"),
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[registry.bucket_arn],
            conditions={"StringLike": {"s3:prefix": "models/*"}},
        ),
        _allow("s3:PutObject", registry, "models/*/production.json", "models/*/history/*", "models/*/jobs/*"),
        # A star in an ARN matches slashes too: without this, models/x/versions/1/jobs/y could be written.
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=["s3:PutObject"],
            resources=[registry.arn_for_objects("models/*/versions/*")],
        ),
        _allow("s3:PutObject", uploads, f"{UPLOAD_PREFIX}*"),
    ]


def trainer_statements(*, registry: s3.IBucket, uploads: s3.IBucket) -> list[iam.PolicyStatement]:
    """Permission to read uploads, and to read and write models and training data, but to delete nothing."""
    return [_allow("s3:GetObject", uploads, f"{UPLOAD_PREFIX}*"), *importer_statements(registry=registry)]


def importer_statements(*, registry: s3.IBucket) -> list[iam.PolicyStatement]:
    """Permission to read and write models and training data, but to see no uploads and to delete nothing."""
    return [
        _allow("s3:GetObject", registry, "models/*", "data/*"),
        _allow("s3:PutObject", registry, "models/*", "data/*"),
        iam.PolicyStatement(actions=["s3:ListBucket"], resources=[registry.bucket_arn]),
    ]


def authorizer_statements(*, secret: secretsmanager.ISecret) -> list[iam.PolicyStatement]:
    """Permission to read the secret of the tokens, which no other function may read."""
    return [iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn])]


def _allow(action: str, bucket: s3.IBucket, *keys: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[action], resources=[bucket.arn_for_objects(key) for key in keys])
