"""Threads of a training: as many as the process may use, and asleep while they wait."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from joblib import cpu_count
from threadpoolctl import threadpool_info

from model_export.processors import given_threads, sleep_while_waiting


def test_idle_threads_sleep_unless_the_user_wants_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    sleep_while_waiting()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    sleep_while_waiting()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_no_library_has_more_threads_than_the_process_has_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOKY_MAX_CPU_COUNT", raising=False)  # of the tests
    before = [one["num_threads"] for one in threadpool_info()]
    with given_threads():
        assert all(one["num_threads"] <= cpu_count() for one in threadpool_info())
    assert [one["num_threads"] for one in threadpool_info()] == before


def test_a_command_says_so_before_scikit_learn_is_loaded() -> None:
    code = (
        "import sys, os; from model_export.commands.main import main; assert 'sklearn' not in sys.modules\n"
        "try: main(['--version'])\nexcept SystemExit: print(os.environ['OMP_WAIT_POLICY'])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert run.stdout.splitlines()[-1] == "PASSIVE"
