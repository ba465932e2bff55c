"""The targets of the Makefile, as `make help` lists them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)


@pytest.mark.skipif(shutil.which("make") is None, reason="SKIPPED: make is not installed")
def test_every_target_is_listed_with_its_purpose_and_make_alone_lists_them() -> None:
    (targets,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    listed = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.findall(r"^make ([\w-]+) +\S", listed, re.MULTILINE) == TARGETS
    assert sorted(targets.split()) == sorted(TARGETS)


def test_documents_name_only_targets_that_there_are() -> None:
    documents = [*ROOT.glob("README*.md"), ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = {name for path in documents for name in re.findall(r"`make ([a-z-]+)", path.read_text("utf-8"))}
    assert named
    assert named <= set(TARGETS)


@pytest.mark.skipif(shutil.which("make") is None, reason="SKIPPED: make is not installed")
def test_the_base_image_of_today_is_named_by_the_digest_of_its_registry(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    index = '{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:0123","manifests":[]}'
    docker.write_text(f"#!/bin/sh\necho \"$@\" >&2\necho '{index}'\n", "utf-8")
    docker.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["make", "--silent", "base-image", f"PYTHON={sys.executable}"]
    made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    (image,) = re.findall(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile.lambda").read_text("utf-8"), re.MULTILINE)
    assert made.stdout == f"{image}@sha256:0123\n"
    assert made.stderr.split() == ["buildx", "imagetools", "inspect", "--format", "{{json", ".Manifest}}", image]


@pytest.mark.skipif(shutil.which("make") is None, reason="SKIPPED: make is not installed")
def test_no_base_image_is_named_where_its_registry_does_not_answer(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 'no such host' >&2\nexit 1\n", "utf-8")
    docker.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    command = ["make", "--silent", "base-image", f"PYTHON={sys.executable}"]
    made = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert made.returncode != 0
    assert made.stdout == ""
