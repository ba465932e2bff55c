"""Permissions of the functions, by key prefix, all on one page.

The registry's layout is models/<name>/{versions,verdicts,history,jobs,times/jobs}/..., models/<name>/production.json,
models/<name>/published.json, data/<sha256> and data/<sha256>.ids/...; a mark .retired.json lies next to what is to be
removed, and a record .forgotten.json in place of a table from which rows of a person were removed. Batches have their
records in models/<name>/batches/..., and which of them answers in models/<name>/predictions.json; in the uploads
bucket are their files, to-predict/<name>/..., and plain inputs, results and markers, batches/<name>/...
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs

UPLOAD_PREFIX = "uploads/"
TO_PREDICT_PREFIX = "to-predict/"
BATCH_PREFIX = "batches/"
SCHEDULED_PREFIX = "scheduled/"
BATCH_RECORDS = ("models/*/batches/*", "models/*/times/batches*", "models/*/predictions.json")
NO_VERSIONS = "models/*/versions/*"
"""A star in an ARN matches slashes too: unless this is denied, models/x/versions/1/jobs/y could be written."""
EVENT_SOURCE = "despliegue"


def predict_statements(*, registry: s3.IBucket, model: str) -> list[iam.PolicyStatement]:
    """Permission to read the versions and the pointer of the function's own model, and nothing else."""
    return [_allow("s3:GetObject", registry, f"models/{model}/versions/*", f"models/{model}/production.json")]


def control_statements(
    *, registry: s3.IBucket, uploads: s3.IBucket, table: dynamodb.ITable
) -> list[iam.PolicyStatement]:
    """Permission to read all models and to write pointers, history, jobs, batches and uploads, but no versions.

    Training data can be neither read nor written. Files to predict can be listed, results of batches read, and
    predictions looked up; a link to a result is signed with this permission.
    """
    return [
        _allow("s3:GetObject", registry, "models/*"),
        _list(registry, "models/*"),
        _allow(
            "s3:PutObject",
            registry,
            "models/*/production.json",
            "models/*/history/*",
            "models/*/jobs/*",
            *BATCH_RECORDS,
        ),
        _deny_put(registry, NO_VERSIONS),
        _allow("s3:PutObject", uploads, f"{UPLOAD_PREFIX}*", f"{TO_PREDICT_PREFIX}*"),
        _allow("s3:GetObject", uploads, f"{BATCH_PREFIX}*"),
        # to begin a batch again, whether its file is still there
        _list(uploads, f"{TO_PREDICT_PREFIX}*", f"{BATCH_PREFIX}*"),
        iam.PolicyStatement(actions=["dynamodb:BatchGetItem"], resources=[table.table_arn]),
    ]


def batch_statements(
    *, registry: s3.IBucket, uploads: s3.IBucket, table: dynamodb.ITable, queue: sqs.IQueue, machine_arn: str
) -> list[iam.PolicyStatement]:
    """Permission to read all models, to write batches, their results and their predictions, and to start the machine.

    It sees no training data and no uploads for training, and deletes nothing.
    """
    return [
        _allow("s3:GetObject", registry, "models/*"),
        _list(registry, "models/*"),
        _allow("s3:PutObject", registry, *BATCH_RECORDS),
        _deny_put(registry, NO_VERSIONS),
        _allow("s3:GetObject", uploads, f"{TO_PREDICT_PREFIX}*", f"{BATCH_PREFIX}*"),
        _list(uploads, f"{TO_PREDICT_PREFIX}*", f"{BATCH_PREFIX}*"),
        _allow("s3:PutObject", uploads, f"{BATCH_PREFIX}*"),
        # a scheduled file is copied to where it starts a batch
        _allow("s3:GetObject", uploads, f"{SCHEDULED_PREFIX}*"),
        _allow("s3:PutObject", uploads, f"{TO_PREDICT_PREFIX}*/batches/*"),
        iam.PolicyStatement(actions=["dynamodb:BatchWriteItem"], resources=[table.table_arn]),
        _take(queue),
        iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine_arn]),
    ]


def batch_stages_statements(*, registry: s3.IBucket, uploads: s3.IBucket) -> list[iam.PolicyStatement]:
    """Permission to read all models and the files of batches, and to write batches and what is made of their files."""
    return [
        _allow("s3:GetObject", registry, "models/*"),
        _list(registry, "models/*"),
        _allow("s3:PutObject", registry, "models/*/batches/*"),
        _deny_put(registry, NO_VERSIONS),
        _allow("s3:GetObject", uploads, f"{TO_PREDICT_PREFIX}*", f"{BATCH_PREFIX}*"),
        _list(uploads, f"{TO_PREDICT_PREFIX}*", f"{BATCH_PREFIX}*"),
        _allow("s3:PutObject", uploads, f"{BATCH_PREFIX}*"),
    ]


def batch_machine_statements(
    *, functions: Iterable[lambda_.Alias], registry: s3.IBucket, machine_arn: str, executions: str
) -> list[iam.PolicyStatement]:
    """Permission to call the functions of batches, to read lists of shards, and to run the map.

    Its items are executions of the machine too:
    https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    return [
        _invoke(one.function_arn for one in functions),
        _allow("s3:GetObject", registry, "models/*/batches/*/shards.json"),
        iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine_arn]),
        iam.PolicyStatement(actions=["states:DescribeExecution", "states:StopExecution"], resources=[executions]),
    ]


def trainer_statements(*, registry: s3.IBucket, uploads: s3.IBucket, queue: sqs.IQueue) -> list[iam.PolicyStatement]:
    """Permission to read uploads, and to read and write models and training data, but to delete nothing.

    Lambda takes the messages of `queue` with these permissions.
    """
    return [
        _allow("s3:GetObject", uploads, f"{UPLOAD_PREFIX}*"),
        _take(queue),
        *importer_statements(registry=registry),
    ]


def importer_statements(*, registry: s3.IBucket) -> list[iam.PolicyStatement]:
    """Permission to read and write models and training data, but to see no uploads and to delete nothing."""
    return [
        _allow("s3:GetObject", registry, "models/*", "data/*"),
        _allow("s3:PutObject", registry, "models/*", "data/*"),
        iam.PolicyStatement(actions=["s3:ListBucket"], resources=[registry.bucket_arn]),
    ]


def pruner_statements(*, registry: s3.IBucket, uploads: s3.IBucket) -> list[iam.PolicyStatement]:
    """Permission to read the registry, and to delete versions, jobs, batches, training data and the files of both.

    It marks what it will delete, and notes what is gone. It changes no pointer and no history, and writes no file of a
    version.
    """
    note = "models/*/published.json"
    marks = ("models/*/versions/*.retired.json", "data/*.retired.json")
    return [
        _allow("s3:GetObject", registry, "models/*", "data/*.retired.json", "data/*.forgotten.json"),
        iam.PolicyStatement(actions=["s3:ListBucket"], resources=[registry.bucket_arn]),
        _allow("s3:PutObject", registry, *marks, "models/*/jobs/*", note),
        _allow(
            "s3:DeleteObject",
            registry,
            "models/*/versions/*",
            "models/*/jobs/*",
            "models/*/batches/*",
            "models/*/times/batches*",
            "data/*",
            note,
        ),
        _allow("s3:GetObject", uploads, *(f"{one}*" for one in (UPLOAD_PREFIX, TO_PREDICT_PREFIX, BATCH_PREFIX))),
        _list(uploads, f"{TO_PREDICT_PREFIX}*", f"{BATCH_PREFIX}*"),
        _allow(
            "s3:DeleteObject",
            uploads,
            f"{UPLOAD_PREFIX}*/jobs/*",
            f"{TO_PREDICT_PREFIX}*/batches/*",
            f"{BATCH_PREFIX}*",
        ),
    ]


def authorizer_statements(*, secret: secretsmanager.ISecret) -> list[iam.PolicyStatement]:
    """Permission to read the secret of the tokens, which no other function may read."""
    return [iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn])]


def webhook_statements(*, secret: secretsmanager.ISecret) -> list[iam.PolicyStatement]:
    """Permission to read the secret that signs webhooks."""
    return [iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[secret.secret_arn])]


def announcing_statements(*, bus_arn: str) -> list[iam.PolicyStatement]:
    """Permission to put events of this project on a bus, and none that look like another's."""
    return [
        iam.PolicyStatement(
            actions=["events:PutEvents"],
            resources=[bus_arn],
            conditions={"StringEquals": {"events:source": EVENT_SOURCE}},
        )
    ]


def gateway_statements(functions: Iterable[lambda_.Alias]) -> list[iam.PolicyStatement]:
    """Permission to call the functions behind the API, by their aliases."""
    return [_invoke(one.function_arn for one in functions)]


def calling_statements(arns: Iterable[str]) -> list[iam.PolicyStatement]:
    """Permission of a schedule to call these functions."""
    return [_invoke(arns)]


def release_statements(functions: Iterable[lambda_.IFunction]) -> list[iam.PolicyStatement]:
    """Permission to move the aliases of these functions, and to look at alarms, which has no resources.

    AWS's own policy for CodeDeploy (AWSCodeDeployRoleForLambdaLimited) is for all functions of the account.
    """
    return [
        iam.PolicyStatement(
            actions=["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
            # an alias is named by the function for some of these actions, and by itself for others
            resources=[f"{one.function_arn}*" for one in functions],
        ),
        iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]),
    ]


def _take(queue: sqs.IQueue) -> iam.PolicyStatement:
    """Permission with which Lambda takes messages for a function."""
    return iam.PolicyStatement(
        actions=[
            "sqs:ReceiveMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueUrl",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
        ],
        resources=[queue.queue_arn],
    )


def _list(bucket: s3.IBucket, *prefixes: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["s3:ListBucket"],
        resources=[bucket.bucket_arn],
        conditions={"StringLike": {"s3:prefix": prefixes[0] if len(prefixes) == 1 else list(prefixes)}},
    )


def _deny_put(bucket: s3.IBucket, keys: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        effect=iam.Effect.DENY, actions=["s3:PutObject"], resources=[bucket.arn_for_objects(keys)]
    )


def _invoke(arns: Iterable[str]) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=list(arns))


def _allow(action: str, bucket: s3.IBucket, *keys: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[action], resources=[bucket.arn_for_objects(key) for key in keys])
