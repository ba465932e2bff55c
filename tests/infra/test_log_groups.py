from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk.assertions import Template

from infra.log_groups import LogGroups

Json = dict[str, Any]


def test_each_group_has_the_retention_and_the_removal_of_its_maker() -> None:
    stack = Stack(App(), "logs")
    LogGroups(days=3, removal=RemovalPolicy.DESTROY).make(stack, "Short")
    LogGroups(days=3653, removal=RemovalPolicy.RETAIN).make(stack, "Long")
    groups = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert sorted((group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) for group in groups) == [
        (3, "Delete"),
        (3653, "Retain"),
    ]


def test_each_function_logs_to_a_group_of_its_own_for_a_month(
    functions: Json, resources: Callable[[str], Json]
) -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert {one["Properties"]["RetentionInDays"] for one in groups.values()} == {30}
    used = [one["LoggingConfig"]["LogGroup"]["Ref"] for one in functions.values()]
    assert len(set(used)) == len(functions)
    assert set(used) < set(groups)


def test_logs_are_kept_as_long_as_the_context_says(optional_resources: Callable[[str], Json]) -> None:
    groups = optional_resources("AWS::Logs::LogGroup").values()
    assert {(one["Properties"]["RetentionInDays"], one["DeletionPolicy"]) for one in groups} == {(7, "Delete")}
