from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_cdk import Validations
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from infra.app import build_app

Json = dict[str, Any]


def own_functions(resources: Callable[[str], Json]) -> list[Json]:
    """The functions of images; with `removal=destroy` the CDK adds one of its own, which empties the buckets."""
    functions = [one["Properties"] for one in resources("AWS::Lambda::Function").values()]
    return [one for one in functions if one.get("PackageType") == "Image"]


def test_tracing_adds_no_finding_without_its_reason(tmp_path: Path, write_project: Callable[[Path], Path]) -> None:
    app = build_app(write_project(tmp_path), context={"tracing": "on"}, outdir=tmp_path / "cdk.out")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    report = json.loads((tmp_path / "cdk.out" / "validation-report.json").read_text(encoding="utf-8"))
    assert [one["violations"] for one in report["pluginReports"] if one["pluginName"] == "AwsSolutions"] == [[]]


def test_nothing_is_traced_by_default(resources: Callable[[str], Json]) -> None:
    assert all("TracingConfig" not in one for one in own_functions(resources))
    assert resources("AWS::IAM::ManagedPolicy") == {}


def test_every_function_is_traced_where_the_context_says_so(optional_resources: Callable[[str], Json]) -> None:
    functions = own_functions(optional_resources)
    assert functions
    assert all(one["TracingConfig"] == {"Mode": "Active"} for one in functions)


def test_each_function_waits_for_the_permission_without_which_lambda_does_not_trace_it(
    optional_resources: Callable[[str], Json], optional: Json
) -> None:
    (policy,) = optional_resources("AWS::IAM::ManagedPolicy")
    functions = optional_resources("AWS::Lambda::Function").values()
    traced = [one for one in functions if "TracingConfig" in one["Properties"]]
    assert traced
    assert [one for one in traced if policy not in one["DependsOn"]] == []
    Template.from_json(optional["template"])  # which refuses resources that wait for each other


def test_one_policy_lets_the_roles_of_all_functions_send_traces_and_nothing_else(
    optional_resources: Callable[[str], Json],
) -> None:
    (policy,) = (one["Properties"] for one in optional_resources("AWS::IAM::ManagedPolicy").values())
    roles = [one["Role"]["Fn::GetAtt"][0] for one in own_functions(optional_resources)]
    assert sorted(one["Ref"] for one in policy["Roles"]) == sorted(roles)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
