"""The targets of the Makefile, as `make help` lists them."""

from __future__ import annotations

import re
import shutil
import subprocess
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
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    named = {name for path in documents for name in re.findall(r"`make ([a-z-]+)", path.read_text("utf-8"))}
    assert named
    assert named <= set(TARGETS)
