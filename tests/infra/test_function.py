from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_cdk import Tags

from infra.app import build_app

Json = dict[str, Any]


def test_a_function_may_write_to_its_own_log_group_and_to_no_other(
    functions: Json, statements: dict[str, list[Json]]
) -> None:
    for name, function in functions.items():
        logging = [one for one in statements[name] if "logs:PutLogEvents" in one["Action"]]
        assert [one["Resource"] for one in logging] == [[function["LoggingConfig"]["LogGroup"]["Ref"]]], name


def test_a_role_is_used_by_one_function(functions: Json) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0] for function in functions.values()}
    assert len(roles) == len(functions)


def test_every_function_that_others_call_has_an_alias_of_the_version_that_is_deployed(
    functions: Json, live: dict[str, str], resources: Callable[[str], Json]
) -> None:
    versions = resources("AWS::Lambda::Version")
    assert live.keys() == functions.keys() - {"importer"}
    assert len(versions) == len(live)
    for name, key in live.items():
        alias = resources("AWS::Lambda::Alias")[key]["Properties"]
        version = alias["FunctionVersion"]["Fn::GetAtt"][0]
        assert alias["Name"] == "live"
        assert versions[version]["Properties"]["FunctionName"] == {"Ref": functions[name]["LogicalId"]}


def test_a_version_of_a_model_is_published_after_the_import(resources: Callable[[str], Json], functions: Json) -> None:
    """With SnapStart a snapshot is taken then, of a function that serves."""
    of_predict = {one["LogicalId"] for name, one in functions.items() if name.startswith("predict-")}
    imported = set(resources("Custom::BakedVersions"))
    published = {
        one["Properties"]["FunctionName"]["Ref"]
        for one in resources("AWS::Lambda::Version").values()
        if imported <= set(one.get("DependsOn", []))
    }
    assert published == of_predict


def test_tags_alone_publish_no_version(
    tmp_path: Path, write_project: Callable[[Path], Path], resources: Callable[[str], Json]
) -> None:
    """Lambda publishes no second version of an unchanged function: the deployment would fail."""
    app = build_app(write_project(tmp_path), outdir=tmp_path / "cdk.out")
    Tags.of(app).add("team", "one")
    app.synth()
    again = json.loads((tmp_path / "cdk.out" / "despliegue-prod.template.json").read_text(encoding="utf-8"))
    of_type = {
        kind: {
            key: one["Properties"] for key, one in again["Resources"].items() if one["Type"] == f"AWS::Lambda::{kind}"
        }
        for kind in ("Function", "Version")
    }
    assert all(one["Tags"] == [{"Key": "team", "Value": "one"}] for one in of_type["Function"].values())
    assert of_type["Version"].keys() == resources("AWS::Lambda::Version").keys()
