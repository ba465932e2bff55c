from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.importing import BuildError, read_build_digest

Json = dict[str, Any]


def test_a_deployment_imports_when_the_versions_that_were_built_changed(
    resources: Callable[[str], Json], functions: Json
) -> None:
    (versions,) = (one["Properties"] for one in resources("Custom::BakedVersions").values())
    assert versions["ServiceToken"] == {"Fn::GetAtt": [functions["importer"]["LogicalId"], "Arn"]}
    assert versions["BakedDigest"] == "89abcdef"
    assert int(versions["ServiceTimeout"]) > functions["importer"]["Timeout"]


def test_gate_is_asked_and_its_outcomes_are_shown_only_where_the_context_says_so(
    resources: Callable[[str], Json], template: Json, optional_resources: Callable[[str], Json], optional: Json
) -> None:
    (usual,) = (one["Properties"] for one in resources("Custom::BakedVersions").values())
    assert "Promote" not in usual
    assert [name for name in template["Outputs"] if "Outcomes" in name] == []
    ((name, gated),) = optional_resources("Custom::BakedVersions").items()
    assert gated["Properties"]["Promote"] == "gate"
    (output,) = (one for key, one in optional["template"]["Outputs"].items() if "Outcomes" in key)
    assert output["Value"] == {"Fn::GetAtt": [name, "Outcomes"]}


def test_import_comes_after_the_bucket(resources: Callable[[str], Json], buckets: dict[str, str]) -> None:
    (versions,) = resources("Custom::BakedVersions").values()
    assert buckets["registry"] in versions["DependsOn"]


def test_importer_keeps_its_name_for_cloudformation_and_has_no_alias(live: dict[str, str]) -> None:
    """CloudFormation takes no other function for a resource that is there."""
    assert "importer" not in live


def test_importer_runs_its_handler(functions: Json) -> None:
    assert functions["importer"]["ImageConfig"] == {"Command": ["functions.importer.handler.handler"]}


def test_build_that_was_not_made_is_an_error_that_says_how(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"build\.json is missing: run `despliegue build` first"):
        read_build_digest(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"models": []}', '{"digest": '])
def test_damaged_build_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "build.json").write_text(text, encoding="utf-8")
    with pytest.raises(BuildError, match=r"build\.json is damaged .* run `despliegue build` again"):
        read_build_digest(tmp_path)


def test_project_without_a_build_is_refused(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> None:
    root = write_project(tmp_path)
    (root / "build" / "build.json").unlink()
    with pytest.raises(BuildError, match="run `despliegue build` first"):
        synth(root)


def test_other_versions_change_the_template(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json], template: Json
) -> None:
    root = write_project(tmp_path)
    (root / "build" / "build.json").write_text(json.dumps({"digest": "other"}), encoding="utf-8")
    (key,) = (key for key, one in template["Resources"].items() if one["Type"] == "Custom::BakedVersions")
    assert synth(root)["template"]["Resources"][key]["Properties"]["BakedDigest"] == "other"
