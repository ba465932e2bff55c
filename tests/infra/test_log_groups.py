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
    LogGroups(days=3653, removal=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE).make(stack, "Long")
    groups = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").values()
    assert sorted((group["Properties"]["RetentionInDays"], group["DeletionPolicy"]) for group in groups) == [
        (3, "Delete"),
        (3653, "RetainExceptOnCreate"),
    ]


def test_each_function_logs_to_a_group_of_its_own_for_a_month(
    functions: Json, resources: Callable[[str], Json]
) -> None:
    groups = resources("AWS::Logs::LogGroup")
    assert {one["Properties"]["RetentionInDays"] for one in groups.values()} == {30}
    used = [one["LoggingConfig"]["LogGroup"]["Ref"] for one in functions.values()]
    assert len(set(used)) == len(functions)
    assert set(used) < set(groups)


def test_only_the_function_by_which_the_cdk_empties_buckets_logs_to_a_group_that_lambda_makes(
    optional_resources: Callable[[str], Json],
) -> None:
    """docs/aws.md says how that group, which outlives the stack, is deleted."""
    functions = optional_resources("AWS::Lambda::Function")
    (without,) = (key for key, one in functions.items() if "LoggingConfig" not in one["Properties"])
    assert without.startswith("CustomS3AutoDeleteObjectsCustomResourceProvider")


def test_the_access_log_is_where_the_policy_of_the_account_lets_every_service_write(
    resources: Callable[[str], Json], optional_resources: Callable[[str], Json]
) -> None:
    """Elsewhere, each stage would add its group to a policy that has room for some thirty."""
    for found, stage in ((resources, "prod"), (optional_resources, "trial")):
        (gateway,) = (one["Properties"] for one in found("AWS::ApiGatewayV2::Stage").values())
        group = gateway["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0]
        name = found("AWS::Logs::LogGroup")[group]["Properties"]["LogGroupName"]["Fn::Join"][1]
        assert name[0] == f"/aws/vendedlogs/despliegue/{stage}/access-"


def test_the_name_of_the_access_log_is_another_for_each_stack_of_the_stage(resources: Callable[[str], Json]) -> None:
    (name,) = (
        one["Properties"]["LogGroupName"]
        for one in resources("AWS::Logs::LogGroup").values()
        if "LogGroupName" in one["Properties"]
    )
    guid = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}
    assert name["Fn::Join"][1][1:] == [{"Fn::Select": [0, {"Fn::Split": ["-", guid]}]}]


def test_logs_are_kept_as_long_as_the_context_says(optional_resources: Callable[[str], Json]) -> None:
    groups = optional_resources("AWS::Logs::LogGroup").values()
    assert {(one["Properties"]["RetentionInDays"], one["DeletionPolicy"]) for one in groups} == {(7, "Delete")}
