from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Json = dict[str, Any]
PREDICT = ("answers", "fast", "slow-one")
OF_PREDICT = ("crashes", "failures", "throttles", "slow", "stale")
OTHERS = {
    "control-crashes",
    "control-failures",
    "control-throttles",
    "authorizer-crashes",
    "authorizer-throttles",
    "gateway-failures",
    "trainer-crashes",
    "jobs-failed",
    "dead-letters",
    "tokens-unreadable",
    "pings-failed",
}


@pytest.fixture
def alarms(resources: Callable[[str], Json]) -> Json:
    """Properties of each alarm by its name without the stack's."""
    found = [one["Properties"] for one in resources("AWS::CloudWatch::Alarm").values()]
    return {one["AlarmName"].removeprefix("despliegue-prod-"): one for one in found}


def test_alarms_are_exactly_these(alarms: Json) -> None:
    assert set(alarms) == OTHERS | {f"predict-{model}-{kind}" for model in PREDICT for kind in OF_PREDICT}


def test_every_alarm_publishes_to_the_topic_and_missing_data_raises_none(
    alarms: Json, resources: Callable[[str], Json]
) -> None:
    (topic,) = resources("AWS::SNS::Topic")
    for one in alarms.values():
        assert one["AlarmActions"] == [{"Ref": topic}]
        assert one["TreatMissingData"] == "notBreaching"
        assert one["ComparisonOperator"] == "GreaterThanThreshold"


def test_alarms_may_publish_to_the_topic_whose_policy_is_its_own(resources: Callable[[str], Json]) -> None:
    (policy,) = (one["Properties"]["PolicyDocument"] for one in resources("AWS::SNS::TopicPolicy").values())
    (allowed,) = (one for one in policy["Statement"] if one["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    source = allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    assert source[-1] == ":alarm:despliegue-prod-*"


def test_slow_is_most_of_the_timeout_of_the_model_and_not_one_cold_start(alarms: Json) -> None:
    slow = alarms["predict-slow-one-slow"]
    assert (slow["MetricName"], slow["ExtendedStatistic"], slow["Threshold"]) == ("Duration", "p99", 9600)
    assert (slow["DatapointsToAlarm"], slow["EvaluationPeriods"]) == (2, 3)
    assert alarms["predict-fast-slow"]["Threshold"] == 23_200


@pytest.mark.parametrize("service", ["predict-fast", "control", "authorizer", "trainer"])
def test_one_crash_is_one_too_many(alarms: Json, functions: Json, service: str) -> None:
    crashes = alarms[f"{service}-crashes"]
    assert (crashes["Namespace"], crashes["MetricName"], crashes["Threshold"]) == ("AWS/Lambda", "Errors", 0)
    assert crashes["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": functions[service]["LogicalId"]}}]


@pytest.mark.parametrize(
    ("name", "metric", "service"),
    [
        ("predict-fast-failures", "ServerErrors", "predict-fast"),
        ("control-failures", "ServerErrors", "control"),
        ("predict-fast-stale", "StaleServing", "predict-fast"),
        ("jobs-failed", "JobsFailed", "trainer"),
        ("tokens-unreadable", "TokensUnreadable", "authorizer"),
    ],
)
def test_one_that_the_function_reports_is_one_too_many(alarms: Json, name: str, metric: str, service: str) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Despliegue/prod", metric)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": service}]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)


def test_one_dead_letter_is_one_too_many(alarms: Json, resources: Callable[[str], Json]) -> None:
    alarm = alarms["dead-letters"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    queue = alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
    assert "RedrivePolicy" not in resources("AWS::SQS::Queue")[queue]["Properties"]


def test_a_ping_that_failed_is_one_too_many(alarms: Json, resources: Callable[[str], Json]) -> None:
    alarm = alarms["pings-failed"]
    (machine,) = resources("AWS::StepFunctions::StateMachine")
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("AWS/States", "ExecutionsFailed", 0)
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": machine}}]


def test_nobody_is_mailed_unless_the_context_says_whom(
    resources: Callable[[str], Json], optional_resources: Callable[[str], Json]
) -> None:
    assert resources("AWS::SNS::Subscription") == {}
    (subscription,) = (one["Properties"] for one in optional_resources("AWS::SNS::Subscription").values())
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "operator@example.com")
