"""An empty home, and commands in it.

`home` and `command` of this folder's conftest are those of the trained home. A file of tests that begin with nothing
assigns these to their names instead.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.local.home import Home
from model_export.commands.main import main

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, and an empty working directory."""
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return Home(tmp_path / "home")


@pytest.fixture
def command(home: Home, capsys: pytest.CaptureFixture[str]) -> Command:
    return _running(capsys)


@pytest.fixture
def export_hf(home: Home, capsys: pytest.CaptureFixture[str]) -> Command:
    return _running(capsys, "export-hf")


def _running(capsys: pytest.CaptureFixture[str], *first: str) -> Command:
    """Runs a command whose first arguments are these; its status, and what it printed."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([*first, *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run
