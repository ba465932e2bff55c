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
TEMPLATE_BYTES = 1_000_000
FUNCTION_POLICY_BYTES = 20_480
ROLE_POLICY_BYTES = 10_240
DASHBOARD_METRICS = 500
ANSWERS = 'name = "{name}"\ntask = "question-answering"\nretrainable = false\nhub_id = "Owner/{name}"\n'
NUMBERS = """name = "{name}"
task = "tabular-regression"
[features.size]
type = "number"
[target]
name = "price"
type = "number"
"""


@pytest.fixture(scope="module")
def many(
    tmp_path_factory: pytest.TempPathFactory, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> Json:
    """A stack of models with long names, half of them for question answering, which have the most routes."""
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
        (folder / "model.toml").write_text(text.format(name=name), encoding="utf-8")
        (folder / "examples.json").write_text(examples, encoding="utf-8")
    return synth(root)


def test_stack_of_thirty_models_is_within_the_quotas_of_cloudformation(many: Json) -> None:
    assert len(many["template"]["Resources"]) < RESOURCES
    assert many["path"].stat().st_size < TEMPLATE_BYTES


def test_policy_of_each_function_is_within_its_quota(many: Json) -> None:
    """Each permission is one statement of its function's policy, counted at twice its text in the template."""
    policies: dict[str, int] = {}
    for one in many["template"]["Resources"].values():
        if one["Type"] == "AWS::Lambda::Permission":
            name = json.dumps(one["Properties"]["FunctionName"])
            policies[name] = policies.get(name, 0) + 2 * len(json.dumps(one["Properties"]))
    assert len(policies) == MODELS + 2
    assert max(policies.values()) < FUNCTION_POLICY_BYTES / 4


def test_policy_of_each_role_is_within_its_quota(many: Json) -> None:
    policies = [one for one in many["template"]["Resources"].values() if one["Type"] == "AWS::IAM::Policy"]
    assert policies
    assert all(len(json.dumps(one["Properties"]["PolicyDocument"])) < ROLE_POLICY_BYTES for one in policies)


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
