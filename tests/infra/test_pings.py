from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.aws.pings import is_ping

Json = dict[str, Any]


@pytest.fixture
def states(resources: Callable[[str], Json], machines: dict[str, str]) -> Json:
    """The states of the machine; an ARN is the logical id of its function or alias."""
    machine = resources("AWS::StepFunctions::StateMachine")[machines["Pings"]]["Properties"]
    parts = machine["DefinitionString"]["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else part.get("Ref") or part["Fn::GetAtt"][0] for part in parts)
    found: Json = json.loads(text)["States"]
    return found


def test_every_function_is_pinged_by_the_name_that_callers_use(
    states: Json, live: dict[str, str], functions: Json
) -> None:
    assert set(states["Functions"]["Result"]) == {*live.values(), functions["importer"]["LogicalId"]}


def test_functions_know_the_ping_for_one(states: Json) -> None:
    ping = states["PingEach"]["ItemProcessor"]["States"]["Ping"]
    assert is_ping(ping["Parameters"]["Payload"])


def test_a_function_that_wakes_up_has_minutes_for_it(states: Json) -> None:
    """AWS says that the calls fail until it is awake; people have seen it take up to two minutes."""
    (retry,) = states["PingEach"]["ItemProcessor"]["States"]["Ping"]["Retry"]
    pauses = [retry["IntervalSeconds"] * retry["BackoffRate"] ** attempt for attempt in range(retry["MaxAttempts"])]
    assert sum(pauses) > 2 * 120


def test_a_failure_fails_the_execution_and_not_the_pings_of_the_others(states: Json) -> None:
    each = states["PingEach"]["ItemProcessor"]["States"]
    (caught,) = each["Ping"]["Catch"]
    assert (caught["ErrorEquals"], each[caught["Next"]]["Result"]) == (["States.ALL"], "failed")
    assert states["LookForFailures"]["Parameters"] == {"any.$": "States.ArrayContains($, 'failed')"}
    (choice,) = states["AllAwake"]["Choices"]
    assert (choice["BooleanEquals"], states[choice["Next"]]["Type"]) == (True, "Fail")
    assert states[states["AllAwake"]["Default"]]["Type"] == "Succeed"


def test_it_happens_every_day(resources: Callable[[str], Json], machines: dict[str, str]) -> None:
    (schedule,) = (one["Properties"] for one in resources("AWS::Scheduler::Schedule").values())
    assert schedule["ScheduleExpression"] == "rate(1 day)"
    assert schedule["Target"]["Arn"] == {"Ref": machines["Pings"]}
    assert schedule.get("State", "ENABLED") == "ENABLED"
