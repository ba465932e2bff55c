from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.aws.metrics import WATCHED
from infra.alarms import Alarms
from infra.api import ACCESS_LOG
from infra.app import build_app

Json = dict[str, Any]
OF_SERVING = [
    "gateway-failures",
    "tokens-unreadable",
    "authorizer-crashes",
    "pings-failed",
    "stale",
    "slow",
]
OF_BATCHES = ["batches-failed", "batch-crashes"]
OF_TRAINING = ["trainer-crashes", "trainer-throttles", "jobs-failed", "jobs-refused", "dead-letters", "uploads-wait"]


@pytest.fixture
def alarms(resources: Callable[[str], Json]) -> Json:
    """Properties of each alarm by its name without the stack's."""
    found = [one["Properties"] for one in resources("AWS::CloudWatch::Alarm").values()]
    return {one["AlarmName"].removeprefix("despliegue-prod-"): one for one in found}


def test_alarms_are_exactly_these_however_many_models_there_are(
    alarms: Json, optional_resources: Callable[[str], Json]
) -> None:
    assert set(alarms) == {*OF_SERVING, *OF_TRAINING, *OF_BATCHES}
    assert len(optional_resources("AWS::CloudWatch::Alarm")) == len(alarms)


def test_each_alarm_reads_one_metric_because_each_metric_is_billed(alarms: Json) -> None:
    for one in alarms.values():
        assert "Metrics" not in one
        assert one["MetricName"]


def test_the_mail_says_where_to_find_the_function(alarms: Json) -> None:
    for name in OF_SERVING:
        if name not in ("authorizer-crashes", "tokens-unreadable", "pings-failed"):
            assert "the dashboard of despliegue-prod" in alarms[name]["AlarmDescription"]
    assert len(max((one["AlarmDescription"] for one in alarms.values()), key=len)) <= 1024


def test_the_query_in_the_mail_names_fields_of_the_access_log(alarms: Json) -> None:
    query = alarms["gateway-failures"]["AlarmDescription"].partition("access log: ")[2]
    named = set(re.findall(r"filter (\w+)", query)) | set(re.findall(r"\w+", query.partition(" by ")[2]))
    assert named == {"status", "route", "function_error", "authorizer_error"}
    assert named <= set(ACCESS_LOG)


def test_a_deployment_is_taken_back_by_alarms_that_it_can_set_off(tmp_path: Path, write_project: Any) -> None:
    app = build_app(write_project(tmp_path), outdir=tmp_path / "cdk.out")
    alarms = app.node.find_child("despliegue-prod").node.find_child("Alarms")
    assert isinstance(alarms, Alarms)
    stopping = [one.node.id for one in alarms.stopping_releases]
    assert stopping == ["gateway-failures", "authorizer-crashes", "trainer-crashes", "batch-crashes"]


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


def test_failures_are_counted_at_the_gateway_which_sees_those_of_every_function(
    alarms: Json, resources: Callable[[str], Json]
) -> None:
    alarm = alarms["gateway-failures"]
    (api,) = resources("AWS::ApiGatewayV2::Api")
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("AWS/ApiGateway", "5xx", "Sum")
    assert (alarm["Dimensions"], alarm["Threshold"]) == ([{"Name": "ApiId", "Value": {"Ref": api}}], 0)


def test_one_slow_period_may_be_a_cold_start_and_two_of_three_are_not(alarms: Json) -> None:
    slow = alarms["slow"]
    assert (slow["DatapointsToAlarm"], slow["EvaluationPeriods"], slow["Threshold"]) == (2, 3, 0)


@pytest.mark.parametrize(("name", "metric"), [("slow", "SlowAnswers"), ("stale", "StaleServing")])
def test_alarms_over_all_models_read_what_functions_report_without_their_name(
    alarms: Json, name: str, metric: str
) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("Despliegue/prod", metric, "Sum")
    assert "Dimensions" not in alarm
    assert metric in WATCHED


def test_every_metric_that_functions_report_without_their_name_has_an_alarm(alarms: Json) -> None:
    assert {one["MetricName"] for one in alarms.values() if "Dimensions" not in one} == WATCHED


@pytest.mark.parametrize(
    ("name", "metric", "function"),
    [
        ("authorizer-crashes", "Errors", "authorizer"),
        ("trainer-crashes", "Errors", "trainer"),
        ("batch-crashes", "Errors", "batch"),
        ("trainer-throttles", "Throttles", "trainer"),
    ],
)
def test_one_crash_is_one_too_many(alarms: Json, functions: Json, name: str, metric: str, function: str) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("AWS/Lambda", metric, 0)
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": functions[function]["LogicalId"]}}]


@pytest.mark.parametrize(("name", "metric"), [("jobs-failed", "JobsFailed"), ("jobs-refused", "JobsRefused")])
def test_one_job_that_ends_badly_is_one_too_many(alarms: Json, name: str, metric: str) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Despliegue/prod", metric)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": "trainer"}]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)


def test_an_upload_that_waits_for_an_hour_raises_an_alarm_as_where_the_event_source_is_disabled(
    alarms: Json, resources: Callable[[str], Json]
) -> None:
    alarm = alarms["uploads-wait"]
    assert (alarm["MetricName"], alarm["Statistic"]) == ("ApproximateAgeOfOldestMessage", "Maximum")
    assert alarm["Threshold"] == 3600
    (name,) = (part["Fn::GetAtt"][0] for part in [alarm["Dimensions"][0]["Value"]])
    assert "RedrivePolicy" in resources("AWS::SQS::Queue")[name]["Properties"]


def test_one_dead_letter_is_one_too_many(alarms: Json, resources: Callable[[str], Json]) -> None:
    alarm = alarms["dead-letters"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    queue = alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
    assert "RedrivePolicy" not in resources("AWS::SQS::Queue")[queue]["Properties"]


@pytest.mark.parametrize(("name", "construct"), [("pings-failed", "Pings"), ("batches-failed", "Batches")])
def test_a_ping_or_a_batch_that_failed_is_one_too_many(
    alarms: Json, machines: dict[str, str], name: str, construct: str
) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Threshold"]) == ("AWS/States", "ExecutionsFailed", 0)
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": machines[construct]}}]


def test_nobody_is_mailed_unless_the_context_says_whom(
    resources: Callable[[str], Json], optional_resources: Callable[[str], Json]
) -> None:
    assert resources("AWS::SNS::Subscription") == {}
    (subscription,) = (one["Properties"] for one in optional_resources("AWS::SNS::Subscription").values())
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "operator@example.com")
