"""Metrics of a function: the lines of its log, in the format that CloudWatch reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.aws.metrics import WATCHED, FunctionMetrics, request_metrics

ENVIRONMENT = {"POWERTOOLS_METRICS_NAMESPACE": "Despliegue/test", "POWERTOOLS_SERVICE_NAME": "predict-churn"}


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_says_what_each_number_is_and_whose(capsys: pytest.CaptureFixture[str]) -> None:
    FunctionMetrics(ENVIRONMENT).write({"Latency": 1.25, "Rows": 3}, model="churn", version=2)
    (line,) = _lines(capsys)
    (declared,) = line["_aws"]["CloudWatchMetrics"]
    assert (declared["Namespace"], declared["Dimensions"]) == ("Despliegue/test", [["service"]])
    assert {one["Name"]: one["Unit"] for one in declared["Metrics"]} == {
        "Latency": "Milliseconds",
        "Rows": "Count",
        "ColdStart": "Count",
    }
    assert (line["service"], line["model"], line["version"]) == ("predict-churn", "churn", 2)
    assert (line["Latency"], line["Rows"], line["ColdStart"]) == ([1.25], [3.0], [1.0])


def test_only_the_first_line_counts_a_cold_start_and_no_line_repeats_the_last_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics = FunctionMetrics(ENVIRONMENT)
    metrics.write({"TrainingSeconds": 4.5, "JobsFailed": 1}, version=7, job="a")
    metrics.write({"TrainingSeconds": 0.5}, version=None)
    first, second = _lines(capsys)
    assert (first["ColdStart"], first["JobsFailed"]) == ([1.0], [1.0])
    assert second.keys() == {"_aws", "service", "TrainingSeconds"}
    assert second["TrainingSeconds"] == [0.5]


def test_what_is_zero_is_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = FunctionMetrics(ENVIRONMENT)
    metrics.write({"Latency": 2.0, "Refusals": 0})
    (line,) = _lines(capsys)
    assert "Refusals" not in line


@pytest.mark.parametrize("name", sorted(WATCHED))
def test_what_one_alarm_watches_for_all_models_is_reported_without_the_service_too(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    metrics = FunctionMetrics(ENVIRONMENT)
    metrics.write({"Latency": 2.0, name: 1})
    metrics.write({"Latency": 2.0, name: 0})
    watched, usual = ([*line["_aws"]["CloudWatchMetrics"]] for line in _lines(capsys))
    assert [one["Dimensions"] for one in watched] == [[["service"]], [[]]]
    assert [one["Name"] for one in watched[0]["Metrics"]] == ["Latency", name, "ColdStart"]
    assert watched[1]["Metrics"] == [{"Name": name, "Unit": "Count"}]
    assert watched[1]["Namespace"] == "Despliegue/test"
    assert [one["Dimensions"] for one in usual] == [[["service"]]]


def test_a_line_without_a_number_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = FunctionMetrics(ENVIRONMENT)
    metrics.write({"Latency": 2.0})
    metrics.write({"Refusals": 0}, model="churn")
    assert len(_lines(capsys)) == 1


@pytest.mark.parametrize("environment", [{}, {"POWERTOOLS_METRICS_NAMESPACE": ""}])
def test_without_a_namespace_nothing_is_said(capsys: pytest.CaptureFixture[str], environment: dict[str, str]) -> None:
    FunctionMetrics(environment).write({"Latency": 1.0}, model="churn")
    assert _lines(capsys) == []


def test_switched_off_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = FunctionMetrics({**ENVIRONMENT, "POWERTOOLS_METRICS_DISABLED": "true"})
    metrics.write({"Latency": 1.0})
    assert _lines(capsys) == []


@pytest.mark.parametrize(
    ("status", "refusals", "server_errors"), [(200, 0, 0), (404, 1, 0), (422, 1, 0), (500, 0, 1), (503, 0, 1)]
)
def test_an_answer_is_a_refusal_or_a_fault_of_ours_or_neither(status: int, refusals: int, server_errors: int) -> None:
    expected = {"Latency": 1.5, "Refusals": refusals, "ServerErrors": server_errors}
    assert request_metrics(status, 1.5) == expected
