"""The data of the sample models is what its programs write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["car-price", "churn", "project-tags"])
def test_the_sample_is_written_again_byte_for_byte(root: Path, name: str, tmp_path: Path) -> None:
    written = tmp_path / "sample.csv"
    module = f"zoo.{name.replace('-', '_')}.sample"
    subprocess.run([sys.executable, "-m", module, "--out", str(written)], cwd=root, check=True)
    assert written.read_bytes() == (root / "models" / name / "sample.csv").read_bytes()
