"""A stack of many models against the quotas of CloudFormation and Lambda."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]
MODELS = 30
RESOURCES = 500
SPARE = 40
TEMPLATE_BYTES = 1_000_000
FUNCTION_POLICY_BYTES = 20_480
ROLE_POLICY_BYTES = 10_240
ARN_CHARACTERS = 52 + 64 + 5
"""Up to the name of a function in the region with the longest name, the longest name, and its alias."""
DASHBOARD_METRICS = 500
ANSWERS = 'name = "{name}"\ntask = "question-answering"\nretrainable = false\nhub_id = "Owner/{name}"\n'
EVERYTHING = {
    "removal": "destroy",
    "alarm_email": "operator@example.com",
    "cors_origins": "https://www.example.com",
    "deployment": "canary",
    "tracing": "on",
    "budget_usd": "50",
    "base_path": "/ml",
    "domain_name": "api.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
    # the CDK's own limit; the test below has a lower one
    "@aws-cdk/core:stackResourceLimit": "1000",
}
NUMBERS = """name = "{name}"
task = "tabular-regression"
[features.size]
type = "number"
[target]
name = "price"
type = "number"
"""
FUNCTION = "[function]\nsnap_start = true\nreserved_concurrency = 1\n"


@pytest.fixture(scope="module")
def many(
    tmp_path_factory: pytest.TempPathFactory, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> Json:
    """A stack of models with long names, half of them for question answering, which have the most routes.

    Every option is on.
    """
    root = write_project(tmp_path_factory.mktemp("project"))
    for folder in (root / "models").iterdir():
        folder.rename(root / "models" / f"_{folder.name}")
    for number in range(MODELS):
        name = f"a-model-with-quite-a-long-name-{number:02}"
        folder = root / "models" / name
        folder.mkdir()
        text, examples = (
            (ANSWERS, '[{"question": "Who?", "context": "Somebody."}]') if number % 2 else (NUMBERS, '[{"size": 1.5}]')
        )
        (folder / "model.toml").write_text(text.format(name=name) + FUNCTION, encoding="utf-8")
        (folder / "examples.json").write_text(examples, encoding="utf-8")
    return synth(root, **EVERYTHING)


def test_stack_of_thirty_models_with_every_option_leaves_room_in_the_quotas_of_cloudformation(many: Json) -> None:
    assert len(many["template"]["Resources"]) <= RESOURCES - SPARE
    assert many["path"].stat().st_size < TEMPLATE_BYTES


def test_policy_of_each_function_is_within_its_quota(many: Json) -> None:
    """Each permission is one statement of its function's policy, counted at twice its text in the template."""
    policies: dict[str, int] = {}
    for one in many["template"]["Resources"].values():
        if one["Type"] == "AWS::Lambda::Permission":
            name = json.dumps(one["Properties"]["FunctionName"])
            policies[name] = policies.get(name, 0) + 2 * len(json.dumps(one["Properties"]))
    assert len(policies) == 1  # the authorizer's: the gateway calls the others with its role
    assert max(policies.values()) < FUNCTION_POLICY_BYTES / 4


def test_policies_of_each_role_are_within_their_quota(many: Json) -> None:
    roles = [one["Properties"] for one in many["template"]["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    sizes = [
        sum(len(json.dumps(_resolved(policy["PolicyDocument"]))) for policy in role.get("Policies", []))
        for role in roles
    ]
    assert len(sizes) > MODELS
    assert MODELS * ARN_CHARACTERS < max(sizes) < ROLE_POLICY_BYTES


def _resolved(value: Any) -> Any:
    """A value of the template with a text as long as an ARN can be in place of each reference."""
    if isinstance(value, list):
        return [_resolved(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "Fn::Join" in value:
        return "".join(_resolved(value["Fn::Join"][1]))
    if value.keys() <= {"Ref", "Fn::GetAtt"}:
        return "x" * ARN_CHARACTERS
    return {key: _resolved(one) for key, one in value.items()}


def test_graphs_of_the_dashboard_are_within_their_quota(many: Json) -> None:
    (dashboard,) = (
        one for one in many["template"]["Resources"].values() if one["Type"] == "AWS::CloudWatch::Dashboard"
    )
    text = "".join(
        part if isinstance(part, str) else "reference"
        for part in dashboard["Properties"]["DashboardBody"]["Fn::Join"][1]
    )
    graphs = [one["properties"]["metrics"] for one in json.loads(text)["widgets"]]
    assert max(len(one) for one in graphs) < DASHBOARD_METRICS
    assert sum(len(one) for one in graphs) < 5 * DASHBOARD_METRICS
