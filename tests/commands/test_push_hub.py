"""despliegue push-hub: a checkpoint goes to the hub, and comes back the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.local.home import Home
from model_export.commands import push_hub
from model_export.commands.main import main
from tests.model_export.checkpoints.tiny import write_checkpoint
from tests.model_export.question_answering.hub_uploads import answering_at, empty, taking

pytest.importorskip("torch", reason="pushing needs torch, which this environment lacks")
pytest.importorskip("transformers", reason="pushing needs transformers, which this environment lacks")

HUB_ID = "becas/longformer-squad-es"
TOKEN = "hf_of_this_test"  # noqa: S105

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint, read only."""
    folder = tmp_path_factory.mktemp("checkpoint") / "longformer"
    write_checkpoint(folder, "longformer")
    (folder / "model_args.json").write_text(json.dumps({"max_seq_length": 100, "learning_rate": 3e-5}))
    (folder / "eval_results.json").write_text(json.dumps({"exact": 50.0, "f1": 62.5}))
    return folder


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Run in an empty folder; returns its output, and the output of its libraries."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def run(*arguments: object) -> Any:
        status = main([str(one) for one in arguments])
        captured = capfd.readouterr()
        return status, captured.out, captured.err

    return run


def test_what_is_pushed_is_exported_from_there_as_from_the_folder(
    command: Command, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")
    caplog.set_level("DEBUG")
    with taking(empty(tmp_path / "hub", token=TOKEN)) as hub:
        answering_at(hub.address, monkeypatch)
        status, out, err = command("push-hub", made, HUB_ID)
        assert status == 0, err
        assert out.splitlines()[-1].startswith(f"{hub.address}/{HUB_ID}/commit/")
        printed = out + err
        for name, source in (("near", made), ("far", HUB_ID)):
            status, out, err = command("export-hf", source, "--name", name)
            assert status == 0, err
            printed += out + err
    registry = Home(tmp_path / "home").registry
    near, far = (registry.manifest(name, 1) for name in ("near", "far"))
    served = ("model.onnx", "tokenizer.json", "answering.json", "performance.json")
    assert {name: far.artifacts[name] for name in served} == {name: near.artifacts[name] for name in served}
    assert (far.args, far.metrics) == (near.args, near.metrics) != ({}, {})
    assert hub.asked("/api/repos/create")[0]["private"] is True
    assert {one.authorization for one in hub.uploads} == {f"Bearer {TOKEN}"}
    assert TOKEN not in printed + caplog.text


def test_the_address_of_the_hub_is_read_from_the_environment(made: Path, root: Path, tmp_path: Path) -> None:
    """It runs in its own process, because huggingface_hub reads HF_ENDPOINT when it is imported."""
    arguments = ["push-hub", str(made), HUB_ID, "--public", "--message", "Bien"]
    with taking(empty(tmp_path / "hub", token=TOKEN)) as hub:
        environment = {**os.environ, "HF_ENDPOINT": hub.address, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "hf")}
        done = subprocess.run(
            [sys.executable, "-m", "model_export.commands.main", *arguments],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr
    assert hub.asked("/api/repos/create")[0]["private"] is False
    assert hub.asked("/commit/main")[0][0]["value"]["summary"] == "Bien"
    assert TOKEN not in done.stdout + done.stderr


def test_a_push_that_cannot_be_is_refused_with_the_reason(
    command: Command, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torn = Path(shutil.copytree(made, "torn"))
    (torn / "model.safetensors").write_bytes((made / "model.safetensors").read_bytes()[:1000])
    for arguments, message in (
        (("nowhere", HUB_ID), "nowhere is not a folder"),
        ((torn, HUB_ID), "the weights cannot be loaded"),
        ((made, "alone"), "'alone' is not the name of a repository: write owner/name"),
        ((made, HUB_ID, "--message", " "), "--message is empty"),
    ):
        status, out, err = command("push-hub", *arguments)
        assert (status, out) == (1, "")
        assert message in err
    monkeypatch.delenv("HF_TOKEN")
    status, _, err = command("push-hub", made, HUB_ID)
    assert (status, err.splitlines()[-1][:30]) == (1, "despliegue: HF_TOKEN is not se")
    monkeypatch.setattr(push_hub, "PUSH_LIBRARIES", ("no_such_library",))
    status, _, err = command("push-hub", made, HUB_ID)
    assert status == 1
    assert "no_such_library not installed: push-hub needs torch" in err
