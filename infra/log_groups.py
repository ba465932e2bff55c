"""Log groups with one retention: no log is kept for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroups:
    """A maker of log groups. `days` is one of settings.LOG_DAYS; `removal` applies when the stack is deleted."""

    days: int
    removal: RemovalPolicy

    def make(self, scope: Construct, construct_id: str) -> logs.LogGroup:
        group = logs.LogGroup(scope, construct_id, removal_policy=self.removal)
        cast(logs.CfnLogGroup, group.node.default_child).retention_in_days = self.days
        return group
