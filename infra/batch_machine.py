"""The state machine of batches: plan, a Distributed Map over the shards, finish.

A file that is not plain is converted before, and Parquet and metrics are made before the end, by the training image.

An item of the map is a shard of some 30 seconds of work and never a row: each item costs state transitions. The map
needs no batching of items and no writer of results, because shards are planned, and what they did is read from their
markers. That is also why no number of lost shards fails the map: the last step judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infra.findings import acknowledge, acknowledge_wildcards
from infra.permissions import batch_machine_statements

REFUSED_INVOCATIONS = (
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.CodeArtifactUserPendingException",
    "Lambda.ResourceNotReadyException",
    "Lambda.SnapStartException",
    "Lambda.SnapStartNotReadyException",
    "Lambda.SnapStartTimeoutException",
)
"""Errors of Lambda itself: the concurrency is used up, the service has a fault, an image sleeps."""
WAIT_FOR_LAMBDA = {"IntervalSeconds": 4, "BackoffRate": 2, "MaxDelaySeconds": 120, "MaxAttempts": 20}
"""A quarter of an hour on average: as long as a trainer may hold the last concurrency of a new account."""
TRY_AGAIN = {"IntervalSeconds": 4, "BackoffRate": 2, "MaxAttempts": 2}
"""For a step that dies: storage that failed for a moment. A shard that kills its function does so three times."""
TIMEOUT_MARGIN_SECONDS = 60
UNSUCCESSFUL = ("failed", "partial")
_NAMED = {"model.$": "$.model", "batch.$": "$.batch", "attempt.$": "$.attempt"}
"""What each step is asked for, and answers: an attempt that is over does nothing to the one after it."""


class BatchMachine(Construct):
    """`machine` runs the steps of a batch with the functions `worker` and `stages`; `name` is the one of the machine.

    Its executions fail where rows have no prediction although nobody cancelled the batch.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        worker: lambda_.Alias,
        stages: lambda_.Alias,
        registry: s3.IBucket,
        concurrency: int,
        timeout_seconds: int,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        statements = batch_machine_statements(
            functions=[worker, stages],
            registry=registry,
            machine_arn=machine_arn(stack, name),
            executions=_executions(stack, name),
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            inline_policies={"Permissions": iam.PolicyDocument(statements=statements)},
        )
        acknowledge_wildcards(role, statements, "the lists of shards of all batches, and the machine's own executions")
        steps = _Steps(
            partition=stack.partition,
            worker=worker.function_arn,
            stages=stages.function_arn,
            timeout=timeout_seconds + TIMEOUT_MARGIN_SECONDS,
        )
        self.machine = stepfunctions.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            definition_body=stepfunctions.DefinitionBody.from_string(
                json.dumps(steps.definition(registry.bucket_name, concurrency))
            ),
            role=role.without_policy_updates(),
        )
        acknowledge(self.machine, "SF1", "an execution keeps its own history, which names batches and holds no row")
        acknowledge(self.machine, "SF2", "the log of the function has what a trace would add")


def machine_arn(stack: Stack, name: str) -> str:
    """The ARN of the machine by its name: the function that starts it is also a part of its definition."""
    return stack.format_arn(
        service="states", resource="stateMachine", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )


def _executions(stack: Stack, name: str) -> str:
    """The executions of the machine, those of its map among them."""
    return stack.format_arn(
        service="states", resource="execution", resource_name=f"{name}*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )


class _Steps:
    """The states. Each task asks a function for one step."""

    def __init__(self, *, partition: str, worker: str, stages: str, timeout: int) -> None:
        self._partition = partition
        self._worker = worker
        self._stages = stages
        self._timeout = timeout

    def definition(self, bucket: str, concurrency: int) -> dict[str, Any]:
        return {
            "StartAt": "Plan",
            "States": {
                "Plan": {**self._step("plan", self._worker), "Catch": _finishing(), "Next": "IsPlanned"},
                "IsPlanned": {
                    "Type": "Choice",
                    "Choices": [
                        {"Variable": "$.shards", "IsPresent": True, "Next": "Shards"},
                        {"Variable": "$.convert", "IsPresent": True, "Next": "Convert"},
                    ],
                    "Default": "Finish",
                },
                "Convert": {**self._step("convert", self._stages), "Catch": _finishing(), "Next": "Plan"},
                "Shards": {
                    "Type": "Map",
                    "Label": "shards",
                    "ItemReader": {
                        "Resource": f"arn:{self._partition}:states:::s3:getObject",
                        "ReaderConfig": {"InputType": "JSON"},
                        "Parameters": {"Bucket": bucket, "Key.$": "$.shards"},
                    },
                    "ItemSelector": {
                        **_NAMED,
                        "shard.$": "$$.Map.Item.Value",
                    },
                    "ItemProcessor": {
                        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                        "StartAt": "Shard",
                        "States": {"Shard": {**self._step("shard", self._worker, {"shard.$": "$.shard"}), "End": True}},
                    },
                    # 0 would be ten thousand
                    "MaxConcurrency": concurrency,
                    "ToleratedFailurePercentage": 100,
                    "ResultPath": None,
                    "Catch": _finishing(),
                    "Next": "IsCompleted",
                },
                "IsCompleted": {
                    "Type": "Choice",
                    "Choices": [{"Variable": "$.complete", "IsPresent": True, "Next": "Complete"}],
                    "Default": "Finish",
                },
                "Complete": {**self._step("complete", self._stages), "Catch": _finishing(), "Next": "Finish"},
                "Finish": {**self._step("finish", self._worker), "Next": "HowItEnded"},
                "HowItEnded": {
                    "Type": "Choice",
                    "Choices": [
                        {"Variable": "$.state", "StringEquals": state, "Next": "Unsuccessful"} for state in UNSUCCESSFUL
                    ],
                    "Default": "Done",
                },
                "Unsuccessful": {
                    "Type": "Fail",
                    "Error": "BatchUnsuccessful",
                    "Cause": "Rows have no prediction: GET /models/{model}/batches/{batch} has the reason",
                },
                "Done": {"Type": "Succeed"},
            },
        }

    def _step(self, step: str, function: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {
            "Type": "Task",
            "Resource": f"arn:{self._partition}:states:::lambda:invoke",
            "Parameters": {
                "FunctionName": function,
                "Payload": {"step": step, **_NAMED, **(more or {})},
            },
            "TimeoutSeconds": self._timeout,
            "Retry": [
                _retry(REFUSED_INVOCATIONS, WAIT_FOR_LAMBDA),
                _retry(("States.TaskFailed", "States.Timeout"), TRY_AGAIN),
            ],
            "OutputPath": "$.Payload",
        }


def _retry(errors: Sequence[str], times: Mapping[str, float]) -> dict[str, Any]:
    """Full jitter spreads shards that were refused together."""
    return {"ErrorEquals": list(errors), **times, "JitterStrategy": "FULL"}


def _finishing() -> list[dict[str, Any]]:
    """Whatever goes wrong, the last step writes the result: of it, and of what there is so far."""
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Finish"}]
