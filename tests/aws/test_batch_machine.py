"""Executions of a state machine, each started once, however often its file is announced."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from functions.aws.batch_machine import StateMachineError, StateMachineRunner
from functions.aws.client import machine_client
from functions.core.batch_record import Batch
from functions.core.clock import now

WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}


@pytest.fixture
def batch() -> Batch:
    return Batch(
        batch=uuid4().hex,
        model="churn",
        input="to-predict/churn/rows.csv",
        output="jsonl",
        id=None,
        lookup=False,
        actor="ana",
        fingerprint="f",
        created=now(),
        updated=now(),
    )


@pytest.fixture
def machine(aws_environment: None) -> str:
    role = "arn:aws:iam::123456789012:role/machine"
    made = boto3.client("stepfunctions").create_state_machine(
        name=f"batches-{uuid4().hex[:8]}", definition=json.dumps(WAITS), roleArn=role
    )
    return str(made["stateMachineArn"])


def executions(machine: str) -> dict[str, Any]:
    """The input of each execution by its name."""
    client = boto3.client("stepfunctions")
    found = client.list_executions(stateMachineArn=machine)["executions"]
    return {
        one["name"]: json.loads(client.describe_execution(executionArn=one["executionArn"])["input"]) for one in found
    }


def test_an_execution_has_the_name_of_the_batch_and_its_attempt(machine: str, batch: Batch) -> None:
    StateMachineRunner(machine).run(batch)
    assert executions(machine) == {f"{batch.batch}-1": {"model": "churn", "batch": batch.batch}}


def test_one_attempt_is_started_once_and_another_one_besides(machine: str, batch: Batch) -> None:
    runner = StateMachineRunner(machine)
    for _ in range(3):
        runner.run(batch)
    assert len(executions(machine)) == 1
    runner.run(replace(batch, attempt=2))
    assert executions(machine).keys() == {f"{batch.batch}-1", f"{batch.batch}-2"}


def test_an_execution_that_ended_is_not_started_again(aws_environment: None, batch: Batch) -> None:
    """AWS refuses the name then, whatever the input."""
    client: Any = machine_client()
    with Stubber(client) as stub:
        stub.add_client_error("start_execution", "ExecutionAlreadyExists", http_status_code=400)
        StateMachineRunner("arn:aws:states:us-east-1:123456789012:stateMachine:batches", client).run(batch)
        stub.assert_no_pending_responses()


def test_a_machine_that_is_not_there_is_an_error_that_names_it(aws_environment: None, batch: Batch) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:no-such"
    with pytest.raises(StateMachineError, match=arn) as caught:
        StateMachineRunner(arn).run(batch)
    assert isinstance(caught.value.__cause__, ClientError)


def test_an_aws_that_cannot_be_reached_is_the_same_error(batch: Batch) -> None:
    class Unreachable:
        def start_execution(self, **_: str) -> Any:
            raise EndpointConnectionError(endpoint_url="https://states.invalid")

    with pytest.raises(StateMachineError, match=r"states\.invalid"):
        StateMachineRunner("arn", Unreachable()).run(batch)
