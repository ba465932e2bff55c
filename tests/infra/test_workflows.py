from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import read_settings

PROJECT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
Json = dict[Any, Any]


def read(name: str) -> Json:
    workflow = yaml.safe_load((PROJECT / ".github" / "workflows" / name).read_text(encoding="utf-8"))
    assert isinstance(workflow, dict)
    return workflow


@pytest.fixture(params=[path.name for path in WORKFLOWS])
def workflow(request: pytest.FixtureRequest) -> Json:
    return read(request.param)


def test_a_token_of_a_workflow_may_read_and_only_jobs_with_a_role_may_ask_for_it(workflow: Json) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        takes_a_role = any("configure-aws-credentials" in step.get("uses", "") for step in job["steps"])
        expected = {"contents": "read", "id-token": "write"} if takes_a_role else None
        assert job.get("permissions") == expected


def test_actions_are_pinned(workflow: Json) -> None:
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+|docker://[\w/-]+:\d+\.\d+\.\d+", one) for one in used)


def test_no_workflow_has_a_secret(workflow: Json) -> None:
    assert "secrets." not in str(workflow)


def test_only_main_is_deployed_one_at_a_time_into_an_environment() -> None:
    deploy = read("deploy.yml")["jobs"]["deploy"]
    assert deploy["if"].startswith("github.event_name == 'push' && ")
    assert read("deploy.yml")[True]["push"] == {"branches": ["main"]}  # YAML reads `on` as true
    assert deploy["environment"] == "production"
    assert deploy["concurrency"] == {"group": "deploy", "cancel-in-progress": False}


def test_a_pull_request_of_a_fork_gets_no_role() -> None:
    steps = read("deploy.yml")["jobs"]["diff"]["steps"]
    with_a_role = [step for step in steps if "role-to-assume" in step.get("with", {}) or "cdk diff" in str(step)]
    assert len(with_a_role) == 2
    for step in with_a_role:
        assert "github.event.pull_request.head.repo.full_name == github.repository" in step["if"]


def test_both_jobs_take_the_command_line_of_the_document() -> None:
    pinned = re.findall(r"aws-cdk@[\d.]+", (PROJECT / "docs" / "aws.md").read_text(encoding="utf-8"))
    used = re.findall(r"aws-cdk@[\d.]+", (PROJECT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8"))
    assert len(used) == 2
    assert set(used) == set(pinned)


def test_the_zoo_is_checked_for_the_same_changes_as_in_ci() -> None:
    paths = (PROJECT / ".ci" / "zoo.paths").read_text(encoding="utf-8").split()
    triggers = read("zoo.yml")[True]
    for event in ("push", "pull_request"):
        assert [path.removesuffix("/**") for path in triggers[event]["paths"]] == paths


def test_layers_are_kept_where_infra_can_keep_them() -> None:
    default = re.search(r"\|\| '(.*)' }}", read("deploy.yml")["env"]["CDK_CONTEXT_JSON"])
    assert default is not None
    assert read_settings(yaml.safe_load(default[1]).get).image_cache == "gha"


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="SKIPPED: actionlint is not installed")
def test_workflows_pass_actionlint() -> None:
    linted = subprocess.run(["actionlint", *map(str, WORKFLOWS)], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout
