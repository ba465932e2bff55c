"""The daily removal of what the retention of the models no longer keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from functions.core.definition import Retention
from functions.core.environment import RETENTION_VARIABLE
from infra.function import ImageFunction
from infra.image import Images
from infra.log_groups import LogGroups
from infra.permissions import calling_statements, pruner_statements

HANDLER = "functions.pruner.handler.handler"
SCHEDULE = "rate(1 day)"
TIMEOUT_SECONDS = 900
MEMORY_MB = 512


class DailyPruning(Construct):
    """A function that removes what is not kept, and a schedule that calls it.

    `retention` is of the models that have none of their own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        images: Images,
        registry: s3.IBucket,
        uploads: s3.IBucket,
        environment: Mapping[str, str],
        retention: Retention | None,
        log_groups: LogGroups,
    ) -> None:
        super().__init__(scope, construct_id)
        chosen = {RETENTION_VARIABLE: json.dumps(asdict(retention))} if retention else {}
        self.function = ImageFunction(
            self,
            "pruner",
            images=images,
            target="inference",
            handler=HANDLER,
            description="Removes the versions, jobs and training rows that the retention does not keep",
            memory_mb=MEMORY_MB,
            timeout_seconds=TIMEOUT_SECONDS,
            environment={**environment, **chosen},
            statements=pruner_statements(registry=registry, uploads=uploads),
            log_groups=log_groups,
        ).function
        starter = iam.Role(
            self,
            "Starter",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
            inline_policies={
                "Permissions": iam.PolicyDocument(statements=calling_statements([self.function.function_arn]))
            },
        )
        scheduler.CfnSchedule(
            self,
            "Schedule",
            schedule_expression=SCHEDULE,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(arn=self.function.function_arn, role_arn=starter.role_arn),
        )
