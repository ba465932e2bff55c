"""The command line as a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from functions.local.home import Home
from model_export.commands.main import main


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command."""

    status: int
    out: str
    err: str


@pytest.fixture
def command(
    home: Home, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Runs `despliegue ARGUMENTS` in the workspace, with the trained home as the laptop's own."""
    monkeypatch.setenv("DESPLIEGUE_HOME", str(home.root))
    monkeypatch.chdir(workspace)

    def run(*arguments: object) -> Done:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as left:  # argparse leaves by itself
            status = int(left.code or 0)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return run
