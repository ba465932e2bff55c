"""requirements/budget.py: a folder over its budget ends the build of an image."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "numpy" / "core").mkdir(parents=True)
    (tmp_path / "numpy" / "core" / "array.so").write_bytes(bytes(1_500_000))
    (tmp_path / "six.py").write_bytes(bytes(500_000))
    return tmp_path


def check(root: Path, folder: Path, budget_mb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["budget.py", str(folder), budget_mb])
    runpy.run_path(str(root / "requirements" / "budget.py"), run_name="__main__")


def test_the_size_of_a_folder_within_its_budget_is_printed(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check(root, folder, "2.0", monkeypatch)
    assert "2.0 MB of 2" in capsys.readouterr().out


def test_a_folder_over_its_budget_is_an_error_that_names_the_largest_parts(
    root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"2\.0 MB, more than the budget of 1\.9: numpy 1\.5, six\.py 0\.5"):
        check(root, folder, "1.9", monkeypatch)
