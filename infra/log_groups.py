"""Log groups with one retention, for all that the stack says itself: none of these logs is kept for ever.

The function by which the CDK empties the buckets of `removal=destroy` is not among them: Lambda makes its group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from aws_cdk import Fn, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from constructs import Construct


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroups:
    """A maker of log groups. `days` is one of settings.LogDays; `removal` applies when the stack is deleted."""

    days: int
    removal: RemovalPolicy

    def make(self, scope: Construct, construct_id: str) -> logs.LogGroup:
        return self._make(scope, construct_id, name=None)

    def make_vended(self, scope: Construct, construct_id: str, *, path: str) -> logs.LogGroup:
        """A group for another service of AWS, which asks CloudWatch Logs to let it write there.

        The account has one policy of 5,120 characters for this, to which each group of another name adds its own; it
        lets all below /aws/vendedlogs/ in already. A part of the stack's id makes the name unique: a group that a
        deleted stack left does not stand in the way of the next one.
        """
        generation = Fn.select(0, Fn.split("-", Fn.select(2, Fn.split("/", Stack.of(scope).stack_id))))
        return self._make(scope, construct_id, name=f"/aws/vendedlogs/{path}-{generation}")

    def _make(self, scope: Construct, construct_id: str, *, name: str | None) -> logs.LogGroup:
        group = logs.LogGroup(scope, construct_id, log_group_name=name, removal_policy=self.removal)
        cast(logs.CfnLogGroup, group.node.default_child).retention_in_days = self.days
        return group
