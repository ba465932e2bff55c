"""Log groups of one retention: logs are never kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroups:
    """`days` is one of settings.LOG_DAYS; `removal` says what becomes of the logs when the stack is deleted."""

    days: int
    removal: RemovalPolicy

    def make(self, scope: Construct, construct_id: str) -> logs.LogGroup:
        group = logs.LogGroup(scope, construct_id, removal_policy=self.removal)
        cast(logs.CfnLogGroup, group.node.default_child).retention_in_days = self.days
        return group
