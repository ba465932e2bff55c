"""A ping of every function once a day, so that Lambda lets none of them fall asleep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infra.findings import acknowledge
from infra.permissions import calling_statements

SCHEDULE = "rate(1 day)"
PING = {"source": "despliegue.ping"}
AWAKE, FAILED = "awake", "failed"
# A function that slept needs up to two minutes, and its first calls fail; these retries take seven and a half.
FIRST_PAUSE_SECONDS, RETRIES, BACKOFF = 30, 4, 2
# An account may have as few as ten executions at once, and callers need them.
PINGS_AT_ONCE = 2


class Pings(Construct):
    """`machine` sends PING to each function of `arns`, once a day; it fails where one does not answer.

    Lambda takes the resources of a function of an image away after weeks without a call, and the first calls after that
    fail: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, arns: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            inline_policies={"Permissions": iam.PolicyDocument(statements=calling_statements(arns))},
        )
        self.machine = stepfunctions.StateMachine(
            self,
            "Machine",
            definition_body=stepfunctions.DefinitionBody.from_string(
                json.dumps(_definition(arns, partition=Stack.of(self).partition))
            ),
            role=role.without_policy_updates(),
        )
        acknowledge(self.machine, "SF1", "an execution keeps its own history, and its input and output are no secrets")
        acknowledge(self.machine, "SF2", "one call a function, whose log has what a trace would add")
        starter = iam.Role(
            self,
            "Starter",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
            inline_policies={
                "Permissions": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["states:StartExecution"], resources=[self.machine.state_machine_arn]
                        )
                    ]
                )
            },
        )
        scheduler.CfnSchedule(
            self,
            "Schedule",
            schedule_expression=SCHEDULE,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(arn=self.machine.state_machine_arn, role_arn=starter.role_arn),
        )


def _definition(arns: Sequence[str], *, partition: str) -> dict[str, Any]:
    """Each function is asked even where another one fails; the execution fails afterwards."""
    ping = {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "Parameters": {"FunctionName.$": "$", "Payload": PING},
        "TimeoutSeconds": 300,
        "Retry": [
            {
                "ErrorEquals": ["States.ALL"],
                "IntervalSeconds": FIRST_PAUSE_SECONDS,
                "MaxAttempts": RETRIES,
                "BackoffRate": BACKOFF,
            }
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
        "Next": "Awake",
    }
    each = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "Ping",
        "States": {
            "Ping": ping,
            "Awake": {"Type": "Pass", "Result": AWAKE, "End": True},
            "Failed": {"Type": "Pass", "Result": FAILED, "End": True},
        },
    }
    return {
        "StartAt": "Functions",
        "States": {
            "Functions": {"Type": "Pass", "Result": list(arns), "Next": "PingEach"},
            "PingEach": {
                "Type": "Map",
                "MaxConcurrency": PINGS_AT_ONCE,
                "ItemProcessor": each,
                "Next": "LookForFailures",
            },
            "LookForFailures": {
                "Type": "Pass",
                "Parameters": {"any.$": f"States.ArrayContains($, '{FAILED}')"},
                "Next": "AllAwake",
            },
            "AllAwake": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.any", "BooleanEquals": True, "Next": "SomeFailed"}],
                "Default": "Done",
            },
            "SomeFailed": {
                "Type": "Fail",
                "Error": "PingFailed",
                "Cause": "A function did not answer: the execution shows which one, and its log why",
            },
            "Done": {"Type": "Succeed"},
        },
    }
