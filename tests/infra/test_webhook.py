"""The webhook: there only where an address is named; its rule takes the events of this deployment alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def variables(one: Json) -> Json:
    found: Json = one.get("Properties", {}).get("Environment", {}).get("Variables", {})
    return found


def test_without_an_address_there_is_no_sender_and_no_rule(functions: Json, template: Json) -> None:
    assert "webhook" not in functions
    assert not [one for one in template["Resources"].values() if one["Type"] == "AWS::Events::Rule"]


def test_events_of_this_deployment_go_to_the_sender(optional: Json, optional_resources: Callable[[str], Json]) -> None:
    ((key, sender),) = [
        (key, one)
        for key, one in optional_resources("AWS::Lambda::Function").items()
        if variables(one).get("POWERTOOLS_SERVICE_NAME") == "webhook"
    ]
    assert variables(sender)["DESPLIEGUE_WEBHOOK_URL"] == "https://example.com/hook?team=ml"
    (rule,) = optional_resources("AWS::Events::Rule").values()
    (trainer,) = [
        one
        for one in optional_resources("AWS::Lambda::Function").values()
        if variables(one).get("POWERTOOLS_SERVICE_NAME") == "trainer"
    ]
    deployment = variables(trainer)["DESPLIEGUE_DEPLOYMENT"]
    assert rule["Properties"]["EventPattern"] == {"source": ["despliegue"], "resources": [deployment]}
    (target,) = rule["Properties"]["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": [key, "Arn"]}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 7200}


def test_the_sender_reads_its_own_secret_and_nothing_else(optional: Json) -> None:
    resources = optional["template"]["Resources"]
    ((secret, _),) = [
        (key, one)
        for key, one in resources.items()
        if one["Type"] == "AWS::SecretsManager::Secret" and "webhooks" in str(one["Properties"].get("Description"))
    ]
    (sender,) = [one for one in resources.values() if variables(one).get("POWERTOOLS_SERVICE_NAME") == "webhook"]
    role = resources[sender["Properties"]["Role"]["Fn::GetAtt"][0]]
    statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    allowed = {str(one["Action"]): one["Resource"] for one in statements}
    assert allowed.pop("secretsmanager:GetSecretValue") == {"Ref": secret}
    assert list(allowed) == ["['logs:CreateLogStream', 'logs:PutLogEvents']"]


def test_the_trainer_may_put_events_of_this_source_alone(template: Json) -> None:
    puts = [
        statement
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::Role"
        for policy in one["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "events:PutEvents"
    ]
    assert puts
    assert all(one["Condition"] == {"StringEquals": {"events:source": "despliegue"}} for one in puts)
    assert all("event-bus/default" in str(one["Resource"]) for one in puts)
