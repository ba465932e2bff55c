from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
MOST_ALARMS = 10
"""The alarms that a deployment group of CodeDeploy may have."""


def test_every_alias_moves_by_a_deployment_group_of_its_own(
    resources: Callable[[str], Json], live: dict[str, str]
) -> None:
    (application,) = resources("AWS::CodeDeploy::Application")
    groups = resources("AWS::CodeDeploy::DeploymentGroup")
    moving = {}
    for name, key in live.items():
        policy = resources("AWS::Lambda::Alias")[key]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        assert policy["ApplicationName"] == {"Ref": application}
        moving[name] = policy["DeploymentGroupName"]["Ref"]
    assert sorted(moving.values()) == sorted(groups)


def test_a_new_version_gets_one_call_in_ten_for_five_minutes_and_an_alarm_takes_it_back(
    resources: Callable[[str], Json],
) -> None:
    names = {key: one["Properties"]["AlarmName"] for key, one in resources("AWS::CloudWatch::Alarm").items()}
    for one in resources("AWS::CodeDeploy::DeploymentGroup").values():
        group = one["Properties"]
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert group["DeploymentStyle"]["DeploymentOption"] == "WITH_TRAFFIC_CONTROL"
        back = group["AutoRollbackConfiguration"]
        assert (back["Enabled"], set(back["Events"])) == (True, {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"})
        watched = group["AlarmConfiguration"]
        assert watched["Enabled"] is True
        assert 0 < len(watched["Alarms"]) <= MOST_ALARMS
        assert "despliegue-prod-gateway-failures" in {names[alarm["Name"]["Ref"]] for alarm in watched["Alarms"]}


def test_all_at_once_has_no_group_and_looks_at_no_alarm(optional_resources: Callable[[str], Json]) -> None:
    """A deployment that mends what raised the alarm must get through."""
    assert optional_resources("AWS::CodeDeploy::DeploymentGroup") == {}
    aliases = optional_resources("AWS::Lambda::Alias").values()
    assert aliases
    assert not any("UpdatePolicy" in one for one in aliases)
