"""One Lambda function with a role and a log group of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IDependable

from infra.findings import acknowledge_keys
from infra.image import Images, Target
from infra.log_groups import LogGroups

ALIAS = "live"


class ImageFunction(Construct):
    """`function` runs `handler` in the image `target`; it may do what `statements` allow, and write its log.

    The API calls `called`: the function, or with SnapStart, which restores published versions only, an alias of the
    version that was deployed last.
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
        self.called: lambda_.IFunction = self.function
        if snap_start:
            self.called = lambda_.Alias(self, "Alias", alias_name=ALIAS, version=self.function.current_version)

    def publish_after(self, dependency: IDependable) -> None:
        """Take the snapshot of SnapStart after `dependency` is deployed; without SnapStart do nothing."""
        if self.called is not self.function:
            self.function.current_version.node.add_dependency(dependency)

    def _role(self, log_group: logs.LogGroup, statements: Sequence[iam.PolicyStatement]) -> iam.Role:
        # Passed on rather than left to the CDK, whose default role may write to every log group of the account.
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        for statement in statements:
            role.add_to_policy(statement)
        acknowledge_keys(role, statements)
        return role
