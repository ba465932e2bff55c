from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import DefinitionError, DocumentError
from infra import app

PROJECT = Path(__file__).resolve().parents[2]
Json = dict[str, Any]


def test_project_without_models_is_refused(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> None:
    root = write_project(tmp_path)
    for folder in (root / "models").iterdir():
        folder.rename(root / "models" / f"_{folder.name}")
    with pytest.raises(DefinitionError, match="no model to deploy"):
        synth(root)


def test_model_slower_than_the_gateway_is_refused(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> None:
    root = write_project(tmp_path)
    with (root / "models" / "fast" / "model.toml").open("a", encoding="utf-8") as file:
        file.write("[function]\ntimeout_seconds = 60\n")
    with pytest.raises(
        DefinitionError, match=r"fast.*function\.timeout_seconds: a whole number from 1 to 29.*, 60 was"
    ):
        synth(root)


def test_wrong_context_value_is_refused(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> None:
    with pytest.raises(DocumentError, match=r'context: platform: .* "linux/riscv64" was found'):
        synth(write_project(tmp_path), platform="linux/riscv64")


def test_values_that_cdk_json_keeps_are_read_without_the_command_line_of_the_cdk_and_its_own_win(
    tmp_path: Path, write_project: Callable[[Path], Path]
) -> None:
    root = write_project(tmp_path)
    kept = {"app": "python3 -m infra.app", "context": {"upload_days": 0, "log_days": 31, "stage": "Kept"}}
    (root / "cdk.json").write_text(json.dumps(kept), encoding="utf-8")
    # in a process of its own, because the CDK keeps the environment of its first use
    program = "import sys, pathlib, infra.app; infra.app.build_app(pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "CDK_CONTEXT_JSON": '{"log_days": "30", "stage": "Given"}'}
    command = [sys.executable, "-c", program, str(root)]
    ended = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, encoding="utf-8")
    found = re.findall(r"context: (\w+): .* expected, (.+) was found", ended.stderr)
    assert found == [("stage", '"Given"'), ("upload_days", "0")]


def test_a_damaged_cdk_json_is_refused_by_its_name(tmp_path: Path, write_project: Callable[[Path], Path]) -> None:
    root = write_project(tmp_path)
    (root / "cdk.json").write_text('{"context": ', encoding="utf-8")
    with pytest.raises(DocumentError, match=r"cdk\.json: JSON is expected, Expecting value: line 1 column 13"):
        app.build_app(root, outdir=tmp_path / "cdk.out")


@pytest.mark.parametrize(("removal", "is_protected"), [("retain", True), ("destroy", False)])
def test_a_stack_that_keeps_its_data_is_not_deleted_by_mistake(
    tmp_path: Path, write_project: Callable[[Path], Path], removal: str, is_protected: bool
) -> None:
    root = write_project(tmp_path)
    built = app.build_app(root, context={"removal": removal}, outdir=tmp_path / "cdk.out")
    built.synth()
    manifest = json.loads((tmp_path / "cdk.out" / "manifest.json").read_text(encoding="utf-8"))
    stack = manifest["artifacts"]["despliegue-prod"]["properties"]
    assert stack["terminationProtection"] is is_protected


def test_what_is_paid_for_is_tagged_with_the_project_and_the_stage(optional: Json) -> None:
    """Tags of a stack are those of its resources as well; they are not in the template."""
    manifest = json.loads((optional["outdir"] / "manifest.json").read_text(encoding="utf-8"))
    tags = manifest["artifacts"]["despliegue-trial"]["properties"]["tags"]
    assert tags == {"project": "despliegue", "stage": "trial"}


def test_fault_ends_the_program_with_its_message_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DefinitionError("no model to deploy")

    monkeypatch.setattr(app, "build_app", refuse)
    with pytest.raises(SystemExit, match="error: no model to deploy"):
        app.main()


def test_program_synthesises_the_models_of_this_project(own_resources: list[Json]) -> None:
    models = sorted(path.parent.name for path in (PROJECT / "models").glob("[!._]*/model.toml"))
    environments = [
        one["Properties"]["Environment"]["Variables"] for one in own_resources if one["Type"] == "AWS::Lambda::Function"
    ]
    assert sorted(one["DESPLIEGUE_MODEL"] for one in environments if "DESPLIEGUE_MODEL" in one) == models


def test_command_line_runs_this_program() -> None:
    settings = json.loads((PROJECT / "cdk.json").read_text(encoding="utf-8"))
    assert settings["app"] == f"python3 -m {app.__name__}"
    assert settings["notices"] is False
    assert settings["versionReporting"] is False
