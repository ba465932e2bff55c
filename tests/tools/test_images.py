from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tools.images import build_commands, main

Json = dict[str, Any]
SOURCE: Json = {
    "directory": "asset.AB",
    "dockerBuildArgs": {"BASE_IMAGE": "public.ecr.aws/lambda/python:3.13@sha256:0123"},
    "dockerBuildTarget": "inference",
    "dockerFile": "Dockerfile.lambda",
    "platform": "linux/arm64",
}
CACHED: Json = {
    **SOURCE,
    "dockerBuildTarget": "training",
    "cacheFrom": [{"type": "gha", "params": {"scope": "training"}}],
    "cacheTo": {"type": "gha", "params": {"scope": "training", "mode": "max"}},
}
DOCKER = '#!/bin/sh\necho "$@" >> "$CALLS"\n'


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    images = {"AB": {"source": SOURCE, "destinations": {}}, "cd": {"source": CACHED, "destinations": {}}}
    (tmp_path / "despliegue-trial.assets.json").write_text(json.dumps({"files": {}, "dockerImages": images}), "utf-8")
    return tmp_path


def test_an_image_is_built_under_the_name_that_the_cdk_looks_for(assembly: Path) -> None:
    commands = build_commands(assembly)
    assert list(commands) == ["cdkasset-ab", "cdkasset-cd"]
    assert commands["cdkasset-ab"] == [
        *("docker", "buildx", "build", "--load", "--tag", "cdkasset-ab"),
        "--build-arg=BASE_IMAGE=public.ecr.aws/lambda/python:3.13@sha256:0123",
        "--target=inference",
        "--platform=linux/arm64",
        f"--file={assembly / 'asset.AB' / 'Dockerfile.lambda'}",
        str(assembly / "asset.AB"),
    ]


def test_layers_are_kept_where_the_manifest_says(assembly: Path) -> None:
    command = build_commands(assembly)["cdkasset-cd"]
    assert "--cache-from=type=gha,scope=training" in command
    assert "--cache-to=type=gha,scope=training,mode=max" in command


def test_every_image_is_built_and_then_saved(assembly: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, calls = assembly / "bin" / "docker", assembly / "calls"
    program.parent.mkdir()
    program.write_text(DOCKER, "utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(calls))
    main([str(assembly), str(assembly / "images.tar")])
    lines = calls.read_text("utf-8").splitlines()
    assert [line.split()[:5] for line in lines[:2]] == [
        ["buildx", "build", "--load", "--tag", "cdkasset-ab"],
        ["buildx", "build", "--load", "--tag", "cdkasset-cd"],
    ]
    assert lines[2] == f"save --output {assembly / 'images.tar'} cdkasset-ab cdkasset-cd"
