"""One Lambda function with a role, a log group and, where others call it, an alias of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from aws_cdk import Duration, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

from infra.findings import acknowledge_wildcards
from infra.image import Images, Target
from infra.log_groups import LogGroups

ALIAS = "live"


class ImageFunction(Construct):
    """`function` runs `handler` in the image `target`; it may do what `statements` allow, and write its log.

    The API, queues and schedules call `live`, the alias of a published version: a deployment publishes the next one and
    moves the alias (infra/releases.py). SnapStart restores published versions only.
    """

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
        log_groups: LogGroups,
        storage_mb: int = 512,
        reserved_concurrency: int | None = None,
        snap_start: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = log_groups.make(self, "Logs")
        self.function = lambda_.DockerImageFunction(
            self,
            "Function",
            code=images.code(target=target, handler=handler),
            architecture=images.architecture,
            description=description,
            memory_size=memory_mb,
            timeout=Duration.seconds(timeout_seconds),
            ephemeral_storage_size=Size.mebibytes(storage_mb),
            reserved_concurrent_executions=reserved_concurrency,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snap_start else None,
            environment={
                **environment,
                "POWERTOOLS_SERVICE_NAME": construct_id,
                "POWERTOOLS_LOG_LEVEL": "INFO",
            },
            log_group=log_group,
            role=self._role(log_group, statements),
        )

    @cached_property
    def live(self) -> lambda_.Alias:
        """The alias, made at its first use: a function that only deployments call, by its own name, has none."""
        return lambda_.Alias(self, "Alias", alias_name=ALIAS, version=self.function.current_version)

    def publish_after(self, dependency: IDependable) -> None:
        """Publish the version, and take the snapshot of SnapStart, after `dependency` is deployed."""
        self.function.current_version.node.add_dependency(dependency)

    def _role(self, log_group: logs.LogGroup, statements: Sequence[iam.PolicyStatement]) -> iam.Role:
        # Passed on rather than left to the CDK, whose default role may write to every log group of the account. The
        # permissions are a part of the role: as a policy of its own they would be one more resource a function.
        writing = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"Permissions": iam.PolicyDocument(statements=[writing, *statements])},
        )
        acknowledge_wildcards(role, statements, "one bucket's keys of one kind, by prefix (infra/permissions.py)")
        return role
