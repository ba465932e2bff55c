from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.settings import read_settings
from tools.rehearsal.deployment import AWS_CDK

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


def used(job: Json) -> list[str]:
    return [step["uses"] for step in job["steps"] if "uses" in step]


def runs(job: Json) -> str:
    return "\n".join(step.get("run", "") for step in job["steps"])


def test_only_the_jobs_that_take_a_role_may_ask_for_an_identity(workflow: Json) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        takes_a_role = any("configure-aws-credentials" in one for one in used(job))
        assert job.get("permissions") == ({"id-token": "write"} if takes_a_role else None)


def test_two_jobs_take_a_role() -> None:
    takers = {
        (path.name, name) for path in WORKFLOWS for name, job in read(path.name)["jobs"].items() if "permissions" in job
    }
    assert takers == {("deploy.yml", "diff"), ("deploy.yml", "deploy")}


def test_every_action_is_of_github_or_aws_and_pinned_by_commit_with_its_release(workflow: Json) -> None:
    """A tag can be moved to other code, as it was in 2025 in tj-actions/changed-files (CVE-2025-30066)."""
    found = [one for job in workflow["jobs"].values() for one in used(job)]
    assert found
    assert [one for one in found if not re.fullmatch(r"(actions|aws-actions)/[\w-]+@[0-9a-f]{40}", one)] == []
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    for one in found:
        releases = set(re.findall(rf"uses: {re.escape(one)} # (\S+)$", text, re.MULTILINE))
        assert len(releases) == 1, f"{one}: one release is to be named after it"
        assert re.fullmatch(r"v\d+\.\d+\.\d+", releases.pop())


def test_one_action_has_one_pin_in_all_workflows() -> None:
    pins = {one for path in WORKFLOWS for job in read(path.name)["jobs"].values() for one in used(job)}
    assert len({one.partition("@")[0] for one in pins}) == len(pins)


@pytest.mark.parametrize("name", ["diff", "deploy"])
def test_a_job_with_a_role_runs_neither_this_project_nor_a_package_of_it(name: str) -> None:
    """It takes what another job built. Whatever ran there had no identity to ask for."""
    job = read("deploy.yml")["jobs"][name]
    assert job["needs"] == "build"
    assert not any("checkout" in one or "setup-python" in one for one in used(job))
    assert not re.search(r"\b(pip|make|python|docker build|docker run|npx)\b", runs(job))
    assert re.findall(r"npm .*", runs(job)) == [f"npm install --global --ignore-scripts aws-cdk@{AWS_CDK}"]


def test_the_deploying_job_builds_no_image_and_runs_no_command_of_a_manifest() -> None:
    loading = runs(read("deploy.yml")["jobs"]["deploy"])
    assert "docker load" in loading
    assert "cdkasset-" in loading
    assert 'has("executable")' in loading
    building = runs(read("deploy.yml")["jobs"]["build"])
    assert "python -m tools.images cdk.out cdk.out/images.tar" in building


def test_secrets_are_read_by_the_smoke_test_alone(workflow: Json) -> None:
    for name, job in workflow["jobs"].items():
        expected = {"DESPLIEGUE_TOKEN"} if name == "smoke" else set()
        assert set(re.findall(r"secrets\.(\w+)", str(job))) == expected


def test_what_is_deployed_is_tested_with_a_token_and_without_a_role() -> None:
    smoke = read("deploy.yml")["jobs"]["smoke"]
    assert (smoke["needs"], smoke["environment"]) == ("deploy", "smoke")
    assert "permissions" not in smoke
    assert "make smoke" in runs(smoke)


def test_only_main_is_deployed_into_an_environment() -> None:
    workflow = read("deploy.yml")
    deploy = workflow["jobs"]["deploy"]
    assert "github.event_name != 'pull_request' && github.ref == 'refs/heads/main' && " in deploy["if"]
    assert workflow[True]["push"] == {"branches": ["main"]}  # YAML reads `on` as true
    assert deploy["environment"] == "production"


def test_a_commit_is_built_and_deployed_before_the_next_one_so_that_no_older_one_is_deployed_over_it() -> None:
    workflow = read("deploy.yml")
    assert workflow["concurrency"] == {"group": "deploy-${{ github.ref }}", "cancel-in-progress": False}
    assert [name for name, job in workflow["jobs"].items() if "concurrency" in job] == []


def test_nothing_is_built_for_a_deployment_that_nobody_has_set_up() -> None:
    jobs = read("deploy.yml")["jobs"]
    assert jobs["build"]["if"] == "github.event_name == 'pull_request' || vars.AWS_DEPLOY_ROLE != ''"
    images = [step for step in jobs["build"]["steps"] if "tools.images" in step.get("run", "")]
    assert [step["if"] for step in images] == ["github.event_name != 'pull_request'"]


def test_main_is_deployed_each_week_on_the_base_image_of_that_week() -> None:
    workflow = read("deploy.yml")
    (schedule,) = workflow[True]["schedule"]
    minute, hour, day, month, weekday = schedule["cron"].split()
    assert (day, month) == ("*", "*")
    assert all(part.isdecimal() for part in (minute, hour, weekday))
    assert "make --silent base-image" in runs(workflow["jobs"]["build"])
    assert ".base_image = $base" in runs(workflow["jobs"]["build"])
    # what cdk.json keeps goes before today's, as it does on a laptop
    assert ".context.base_image // empty' cdk.json" in runs(workflow["jobs"]["build"])


def test_a_pull_request_of_a_fork_gets_no_role() -> None:
    diff = read("deploy.yml")["jobs"]["diff"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in diff["if"]


def test_templates_are_compared_without_a_change_set_which_would_take_the_deploying_role() -> None:
    assert "cdk diff --app cdk.out --method template" in runs(read("deploy.yml")["jobs"]["diff"])


def test_images_are_built_on_the_processor_of_a_variable() -> None:
    assert read("deploy.yml")["jobs"]["build"]["runs-on"] == "${{ vars.DESPLIEGUE_RUNNER || 'ubuntu-24.04' }}"
    assert "ubuntu-24.04-arm" in (PROJECT / "docs" / "aws.md").read_text(encoding="utf-8")


def test_every_checkout_forgets_its_credentials(workflow: Json) -> None:
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_nothing_is_put_into_a_command_but_by_the_environment(workflow: Json) -> None:
    """An expression inside `run` would be code, no matter who wrote its value."""
    for job in workflow["jobs"].values():
        assert "${{" not in runs(job)


def test_updates_are_proposed_for_packages_images_and_actions() -> None:
    updates = yaml.safe_load((PROJECT / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {one["package-ecosystem"]: one["directory"] for one in updates} == {
        "pip": "/requirements",
        "docker": "/",
        "github-actions": "/",
    }


@pytest.mark.skipif(shutil.which("make") is None, reason="SKIPPED: make is not installed")
def test_laptops_of_other_systems_run_the_commands_of_make_quick() -> None:
    job = read("test.yml")["jobs"]["laptops"]
    assert job["strategy"]["matrix"]["system"] == ["macos-15", "windows-2025"]
    command = ["make", "--dry-run", "--always-make", "quick", "BIN=bin", "PYTHON=python"]
    made = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    expected = re.findall(r"^bin/(python -m (?:pip|pytest) .*)$", made, re.MULTILINE)
    assert len(expected) == 3
    assert [line for line in runs(job).splitlines() if line][:3] == expected
    for place in re.findall(r"tests/\S+", runs(job)):
        assert (PROJECT / place).is_file()


def test_packages_are_audited_and_listed_each_week() -> None:
    audit = read("audit.yml")
    assert audit[True]["schedule"]
    assert runs(audit["jobs"]["audit"]).strip() == "make audit PYTHON=python"
    assert runs(audit["jobs"]["sbom"]).strip() == "make sbom PYTHON=python"


def test_both_jobs_take_the_command_line_of_the_document_and_of_the_rehearsal() -> None:
    pinned = re.findall(r"aws-cdk@([\d.]+)", (PROJECT / "docs" / "aws.md").read_text(encoding="utf-8"))
    written = (PROJECT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")
    assert re.findall(r"aws-cdk@([\d.]+)", written) == [AWS_CDK, AWS_CDK]
    assert set(pinned) == {AWS_CDK}


def test_the_zoo_is_checked_for_the_same_changes_as_in_ci() -> None:
    paths = (PROJECT / ".ci" / "zoo.paths").read_text(encoding="utf-8").split()
    triggers = read("zoo.yml")[True]
    for event in ("push", "pull_request"):
        assert [path.removesuffix("/**") for path in triggers[event]["paths"]] == paths


def test_layers_are_kept_where_infra_can_keep_them() -> None:
    default = re.search(r"\|\| '(.*)' }}", read("deploy.yml")["jobs"]["build"]["env"]["CONTEXT"])
    assert default is not None
    assert read_settings(yaml.safe_load(default[1]).get).image_cache == "gha"


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="SKIPPED: actionlint is not installed")
def test_workflows_pass_actionlint() -> None:
    linted = subprocess.run(["actionlint", *map(str, WORKFLOWS)], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout
