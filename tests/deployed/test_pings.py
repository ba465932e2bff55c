"""The daily ping of a deployment, sent now."""

from __future__ import annotations

from typing import Any

from tests.deployed.deployment import Stack, wait_for


def test_every_function_answers_its_ping(stack: Stack) -> None:
    machines = stack.clients("stepfunctions")
    started = machines.start_execution(stateMachineArn=stack.find("PingsMachine"))["executionArn"]

    def ended() -> Any:
        described = machines.describe_execution(executionArn=started)
        return None if described["status"] == "RUNNING" else described

    described = wait_for(ended, "the end of the pings")
    assert described["status"] == "SUCCEEDED", described
