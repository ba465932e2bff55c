from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]
PREDICT = ["predict-answers", "predict-fast", "predict-slow-one"]


@pytest.fixture
def graphs(resources: Callable[[str], Json]) -> Json:
    """The metrics of each graph by its title, references as names of resources."""
    (dashboard,) = (one["Properties"] for one in resources("AWS::CloudWatch::Dashboard").values())
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else next(iter(part.values()))[0] for part in parts))
    return {one["properties"]["title"]: one["properties"]["metrics"] for one in body["widgets"]}


def test_a_stage_of_the_same_name_in_another_region_has_another_dashboard(resources: Callable[[str], Json]) -> None:
    """CloudWatch knows the dashboards of an account by their names, whatever their region."""
    (dashboard,) = (one["Properties"] for one in resources("AWS::CloudWatch::Dashboard").values())
    assert dashboard["DashboardName"] == {"Fn::Join": ["", ["despliegue-prod-", {"Ref": "AWS::Region"}]]}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Latency p50, milliseconds", "Latency"),
        ("Latency p99, milliseconds", "Latency"),
        ("Rows predicted", "Rows"),
        ("Refused (4xx)", "Refusals"),
        ("Answered by an old version", "StaleServing"),
        ("Warnings", "Warnings"),
        ("Cold starts", "ColdStart"),
        ("Slow answers", "SlowAnswers"),
    ],
)
def test_each_model_has_its_line(graphs: Json, title: str, name: str) -> None:
    lines = [one[:4] for one in graphs[title] if one[3] in PREDICT]
    assert lines == [["Despliegue/prod", name, "service", service] for service in PREDICT]


def test_requests_and_failures_of_control_are_there_too(graphs: Json) -> None:
    assert len(graphs["Requests"]) == len(PREDICT) + 1
    assert len(graphs["Answered 5xx, and crashed"]) == 2 * (len(PREDICT) + 1)


def test_every_function_that_can_be_refused_for_want_of_concurrency_has_its_line(graphs: Json) -> None:
    lines = graphs["Refused, because concurrency is used up"]
    assert {one[1] for one in lines} == {"Throttles"}
    assert [one[4]["label"] for one in lines] == [*PREDICT, "control", "authorizer", "trainer", "batch"]


def test_training_is_there(graphs: Json) -> None:
    assert [one[1] for one in graphs["Training jobs"]] == [
        "JobsSucceeded",
        "JobsRefused",
        "JobsSuperseded",
        "JobsFailed",
    ]
    assert len(graphs["Uploads that wait"]) == 3
    assert [one[1] for one in graphs["Age of the oldest upload, seconds"]] == ["ApproximateAgeOfOldestMessage"]


def test_batches_are_there(graphs: Json) -> None:
    names = [one[1] for one in graphs["Batches"]]
    assert names == ["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "Errors"]
    assert [one[1:4] for one in graphs["Rows of batches"]] == [
        ["Rows", "service", "batch"],
        ["RowsRefused", "service", "batch"],
    ]
    assert {one[1] for one in graphs["Seconds of a shard"]} == {"ShardSeconds"}


def test_functions_report_every_metric_that_is_shown(graphs: Json) -> None:
    shown = {one[1] for lines in graphs.values() for one in lines if one[0] == "Despliegue/prod"}
    source = "".join(path.read_text(encoding="utf-8") for path in (PROJECT / "functions").rglob("*.py"))
    assert {name for name in shown if f'"{name}"' not in source} == set()
