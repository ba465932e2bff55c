"""The start of training processes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from functions.local.child_process import AWAY_FROM_TERMINAL, training_environment


def test_idle_threads_sleep_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    assert training_environment() == {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    assert training_environment()["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are of POSIX")
def test_a_child_is_in_no_group_that_a_terminal_interrupts() -> None:
    command = [sys.executable, "-c", "import os; print(os.getpgrp())"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, **AWAY_FROM_TERMINAL)
    assert int(found.stdout) != os.getpgrp()
