"""despliegue jobs, history and download."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.manifest import Artifact, Manifest
from functions.core.uploads import Arrival
from functions.local.home import Home
from functions.trainer.worker import Worker

Command = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_workspace(command: Command, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace, which a test may change, as the current folder."""
    copy = tmp_path / "workspace"
    shutil.copytree(workspace / "models", copy / "models")
    monkeypatch.chdir(copy)
    return copy


def test_history_has_the_newest_promotion_first(command: Command) -> None:
    command("train", "car-price")
    command("promote", "car-price", 1, "--pin")
    header, *lines = command("history", "car-price").out.splitlines()
    assert header.split() == ["TIME", "VERSION", "PREVIOUS", "IN", "PRODUCTION", "ACTOR", "PINNED", "REASON"]
    assert [line.split()[1:4] for line in lines] == [["1", "2", "yes"], ["2", "1", "no"], ["1", "-", "no"]]
    assert lines[0].endswith("chosen by hand")
    assert lines[1].endswith("the gate let it pass")
    newest = command("history", "car-price", "--last", 1, "--json")
    assert [(one["version"], one["previous"], one["pinned"]) for one in json.loads(newest.out)] == [(1, 2, True)]


def test_jobs_say_how_they_ended(command: Command, home: Home, own_workspace: Path) -> None:
    from functions.core.model_folder import load_definitions

    done = command("jobs", "churn")
    assert (done.status, done.out, done.err) == (0, "", "churn has no jobs yet\n")
    worker = Worker(load_definitions(own_workspace / "models"), home.registry, home.uploads)
    for name, body in (("good.csv", (own_workspace / "models/churn/sample.csv").read_bytes()), ("bad.csv", b"a\n1\n")):
        home.uploads.write(f"uploads/churn/{name}", body)
        worker.handle(Arrival(f"uploads/churn/{name}", name, "2026-01-01T00:00:00.000000Z"))
    _, newest, first = command("jobs", "churn").out.splitlines()
    assert newest.split()[2:6] == ["refused", "-", "-", "-"]
    assert first.split()[2:6] == ["succeeded", "2", "yes", "yes"]
    refused, succeeded = json.loads(command("jobs", "churn", "--json").out)
    assert (refused["state"], refused["version"], succeeded["version"]) == ("refused", None, 2)
    assert "the file has no such column" in refused["reason"]


def test_a_version_is_downloaded_with_its_manifest(command: Command, home: Home, own_workspace: Path) -> None:
    done = command("download", "churn", 1)
    assert done.status == 0
    folder = own_workspace / "churn-1"
    assert done.out.startswith("wrote churn-1: ")
    assert done.out.endswith("rows that it was not fitted on)  promoted: the gate let it pass\n")
    manifest = Manifest.from_json((folder / "manifest.json").read_bytes())
    assert manifest == home.registry.manifest("churn", 1)
    for name, artifact in manifest.artifacts.items():
        assert Artifact.of((folder / name).read_bytes()) == artifact
    assert (folder / "model.joblib").is_file()
    assert command("download", "churn", 1).status == 1
    assert command("download", "churn", 1, "--to", own_workspace / "again").status == 0


def test_a_version_that_does_not_exist_writes_no_folder(command: Command, own_workspace: Path) -> None:
    done = command("download", "churn", 9)
    assert done.status == 1
    assert "no version 9" in done.err
    assert not (own_workspace / "churn-9").exists()
