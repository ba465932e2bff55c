"""Checks of tools, with programs of our own on the PATH."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from model_export.commands.checked import Checked
from model_export.commands.tool_checks import ATTESTATIONS, CDK, checked_python, checked_tools

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """install(cdk="2.1148.1") puts a program on the PATH, which has nothing else, that prints this and ends with 0."""
    if os.name != "posix":
        pytest.skip("SKIPPED: the programs are scripts of a shell of POSIX")
    monkeypatch.setenv("PATH", str(tmp_path))

    def programs(*, status: int = 0, **printed: str) -> None:
        for name, text in printed.items():
            program = tmp_path / name
            program.write_text(f"#!/bin/sh\necho '{text}'\nexit {status}\n")
            program.chmod(0o755)

    return programs


def found(environment: dict[str, str] | None = None, machine: str = "x86_64") -> dict[str, Checked]:
    return {one.name: one for one in checked_tools(environment or {}, machine)}


@pytest.mark.parametrize(
    ("version", "state"),
    [((3, 10, 9), "fault"), ((3, 11, 0), "ok"), ((3, 13, 9), "ok"), ((3, 14, 0), "fault"), ((4, 0, 0), "fault")],
)
def test_python_is_one_of_those_that_the_project_takes(version: Sequence[int], state: str, root: Path) -> None:
    checked = checked_python(version)
    assert (checked.state, checked.found) == (state, ".".join(map(str, version)))
    assert bool(checked.advice) is (state == "fault")
    assert tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"] == ">=3.11,<3.14"


def test_a_machine_with_everything_has_no_fault(install: Install) -> None:
    install(docker="", node="v22.11.0", cdk="2.1148.1 (build 4a1b2c3)")
    checks = found({ATTESTATIONS: "1"})
    assert {one.state for one in checks.values()} == {"ok"}
    assert (checks["node"].found, checks["cdk"].found) == ("22.11.0", "2.1148.1")


def test_a_bare_machine_has_a_fault_for_each_tool_with_what_to_do(install: Install) -> None:
    install()
    checks = found()
    assert [name for name, one in checks.items() if one.state == "fault"] == ["images", "attestations", "node", "cdk"]
    assert all(one.advice for one in checks.values())
    assert checks["cdk"].advice == f"npm install --global aws-cdk@{CDK}"


@pytest.mark.parametrize(
    ("node", "cdk", "old"),
    [
        ("v20.20.2", "2.1148.1", ["node"]),
        ("v24.0.0", "2.1147.9", ["cdk"]),
        ("v22.0.0", "2.99.0", ["cdk"]),
        ("v22.0.0", "2.2000.0", []),
        ("not a version", "", ["node", "cdk"]),
    ],
)
def test_an_old_tool_is_a_fault_and_a_newer_one_is_not(install: Install, node: str, cdk: str, old: list[str]) -> None:
    install(node=node, cdk=cdk)
    checks = found()
    assert [name for name in ("node", "cdk") if checks[name].state == "fault"] == old


def test_a_builder_that_does_not_answer_is_a_fault(install: Install) -> None:
    install(docker="Cannot connect to the Docker daemon", status=1)
    assert found()["images"] == Checked(
        "images", "fault", "docker is installed and does not answer", "start it, until `docker info` works"
    )


def test_another_builder_is_taken_where_the_cdk_takes_it_and_is_named_where_it_is_there(install: Install) -> None:
    install(finch="")
    assert found()["images"].advice == "export CDK_DOCKER=finch"
    assert found({"CDK_DOCKER": "finch"})["images"] == Checked("images", "ok", "finch answers")


@pytest.mark.parametrize(("machine", "is_noted"), [("arm64", True), ("aarch64", True), ("AMD64", False)])
def test_an_arm_processor_is_noted_with_its_platform(install: Install, machine: str, is_noted: bool) -> None:
    install()
    checks = found(machine=machine)
    assert ("processor" in checks) is is_noted
    assert not is_noted or "-c platform=linux/arm64" in checks["processor"].advice


def test_the_cdk_is_the_one_that_documents_and_the_workflow_install(root: Path) -> None:
    documents = ("docs/aws.md", "docs/first-deployment.md", "docs/es/aws.md", "docs/es/primer-despliegue.md")
    for place in (*documents, ".github/workflows/deploy.yml"):
        named = re.findall(r"aws-cdk@([0-9.]+)", (root / place).read_text("utf-8"))
        assert set(named) == {CDK}, place
