"""despliegue remove: everything of a model, and a new one under its old name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.local.home import Home

Command = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_workspace(command: Command, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace, which a test may change, as the current folder."""
    copy = tmp_path / "workspace"
    shutil.copytree(workspace / "models", copy / "models")
    monkeypatch.chdir(copy)
    return copy


def test_without_apply_nothing_changes(command: Command, home: Home, own_workspace: Path) -> None:
    done = command("remove", "churn")
    assert done.status == 0
    assert done.out.startswith(
        "nothing was changed: --apply removes 1 version, 1 table of training rows and the folder models/churn"
    )
    assert home.registry.versions("churn") == [1]
    assert (own_workspace / "models" / "churn").is_dir()


def test_a_model_goes_with_its_folder(command: Command, home: Home, own_workspace: Path) -> None:
    done = command("remove", "churn", "--apply")
    assert done.status == 0
    assert done.out.startswith("removed 1 version,")
    assert home.registry.versions("churn") == []
    assert home.registry.pointer("churn").production is None
    assert not (own_workspace / "models" / "churn").exists()
    assert home.registry.versions("car-price") == [1]
    again = command("remove", "churn")
    assert again.status == 1
    assert "no model 'churn'" in again.err


def test_a_folder_can_be_kept_and_its_model_trained_again(command: Command, home: Home, own_workspace: Path) -> None:
    assert command("remove", "churn", "--keep-folder", "--apply").status == 0
    assert (own_workspace / "models" / "churn").is_dir()
    assert command("train", "churn").status == 0
    assert home.registry.versions("churn") == [1]


def test_a_name_that_leaves_the_folder_is_refused(command: Command) -> None:
    for name in ("../churn", ".", "", "a/b"):
        done = command("remove", name, "--apply")
        assert (done.status, "is no name of a model" in done.err) == (1, True)


def test_a_removed_folder_whose_version_serves_cannot_be_made_anew(
    command: Command, home: Home, own_workspace: Path, tmp_path: Path
) -> None:
    shutil.copy(own_workspace / "models" / "churn" / "sample.csv", tmp_path / "t.csv")
    shutil.rmtree(own_workspace / "models" / "churn")
    new = ("new", "churn", "--data", tmp_path / "t.csv", "--target", "Churn")
    done = command(*new)
    assert done.status == 1
    assert done.err.startswith("despliegue: version 1 of another churn is in production, though its folder is gone")
    assert "`despliegue remove churn --apply` removes it, or choose another name" in done.err
    assert not (own_workspace / "models" / "churn").exists()
    assert command("remove", "churn", "--apply").out == "removed 1 version and 1 table of training rows\n"
    assert command(*new).status == 0
