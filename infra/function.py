"""One Lambda function with a role and a log group of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.image import Images, Target


class ImageFunction(Construct):
    """`function` runs `handler` of the image `target`, and may do what `statements` say, and log."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        images: Images,
        target: Target,
        handler: str,
        description: str,
        memory_mb: int,
        timeout_seconds: int,
        environment: Mapping[str, str],
        statements: Sequence[iam.PolicyStatement],
        removal: RemovalPolicy,
        storage_mb: int = 512,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(self, "Logs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=removal)
        self.function = lambda_.DockerImageFunction(
            self,
            "Function",
            code=images.code(target=target, handler=handler),
            architecture=images.architecture,
            description=description,
            memory_size=memory_mb,
            timeout=Duration.seconds(timeout_seconds),
            ephemeral_storage_size=Size.mebibytes(storage_mb),
            environment={
                **environment,
                "POWERTOOLS_SERVICE_NAME": construct_id,
                "POWERTOOLS_LOG_LEVEL": "INFO",
            },
            log_group=log_group,
            role=self._role(log_group, statements),
        )

    def _role(self, log_group: logs.LogGroup, statements: Sequence[iam.PolicyStatement]) -> iam.Role:
        # Given, and not left to the CDK: its own role may write to every log group of the account.
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        for statement in statements:
            role.add_to_policy(statement)
        return role
