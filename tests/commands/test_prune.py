"""despliegue prune: a list first, and the removal when it is asked for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.retirement import MARK
from functions.local.home import Home

Command = Callable[..., Any]
OLD = orjson.dumps({"time": "2026-01-01T00:00:00.000000Z"})


@pytest.fixture(autouse=True)
def own_workspace(command: Command, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace, which a test may change, as the current folder."""
    copy = tmp_path / "workspace"
    shutil.copytree(workspace / "models", copy / "models")
    monkeypatch.chdir(copy)
    return copy


def versions(home: Home) -> list[int]:
    return home.registry.versions("churn")


def test_nothing_says_what_to_keep(command: Command) -> None:
    done = command("prune")
    assert done.status == 1
    assert "add [retention] to a model.toml, or give --keep-versions" in done.err


def test_without_apply_nothing_changes_and_with_it_old_versions_go(command: Command, home: Home) -> None:
    for _ in range(3):
        command("train", "churn", "--force")
    assert versions(home) == [1, 2, 3, 4]
    home.registry.promote_now("churn", 4, actor="ana", pinned=False)
    options = ("prune", "churn", "--keep-versions", 2, "--keep-production-days", 1)
    recent = command(*options)
    assert recent.out == "nothing to remove\n", "each of them was in production today"

    for serial in (1, 2, 3):
        home.registry.storage.delete(f"models/churn/history/{serial}.json")
    done = command(*options)
    reason = "not among the newest 2, and not in production for 1 days"
    assert done.out.splitlines() == [
        f"retire models/churn/versions/1: {reason}",
        f"retire models/churn/versions/2: {reason}",
        "nothing was changed: --apply retires 2 and removes 0",
    ]
    assert not any(MARK in name for name in home.registry.storage.children("models/churn/versions"))

    done = command(*options, "--apply")
    assert done.out.splitlines()[-1] == "2 retired, 0 removed; a run in 6 hours or later removes what is retired"
    refused = command("promote", "churn", 1)
    assert refused.status == 1
    assert "version 1 is retired" in refused.err

    for version in (1, 2):
        home.registry.storage.write(f"models/churn/versions/{version}{MARK}", OLD)
    assert command(*options, "--apply").out.splitlines()[-1] == "0 retired, 2 removed"
    assert versions(home) == [3, 4]
    assert command("versions", "churn").out.splitlines()[1].split()[0] == "3"


def test_a_models_own_retention_needs_no_options(command: Command, own_workspace: Path) -> None:
    with (own_workspace / "models" / "churn" / "model.toml").open("a", encoding="utf-8") as file:
        file.write("\n[retention]\nversions = 5\njob_days = 30\n")
    assert command("prune").out == "nothing to remove\n"


@pytest.mark.parametrize("value", ["0", "-1"])
def test_keeping_no_version_is_refused(command: Command, value: str) -> None:
    done = command("prune", "--keep-versions", value)
    assert done.status == 1
    assert "versions" in done.err
