"""A process of a server: started again after its death, asked to finish, and killed when its time is over."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.local import supervised_child
from functions.local.supervised_child import SupervisedChild

CHILD = """
import os, pathlib, sys
place = pathlib.Path(sys.argv[1])
(place / str(os.getpid())).touch()
while os.read(0, 100):
    if sys.argv[2:] != ["stubborn"]:
        sys.exit(0)
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., SupervisedChild]:
    (tmp_path / "child_of_a_test.py").write_text(CHILD)
    (tmp_path / "pids").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(supervised_child, "RESTART_SECONDS", 0.01)

    def run(*arguments: str) -> SupervisedChild:
        given = [str(tmp_path / "pids"), *arguments]
        return SupervisedChild("child_of_a_test", given, name="child of a test", work="a task")

    return run


def pids(tmp_path: Path, count: int) -> list[int]:
    """The processes that were started, once there are so many."""
    deadline = time.monotonic() + 60
    while len(found := [int(path.name) for path in (tmp_path / "pids").iterdir()]) < count:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_process_that_dies_is_started_again(
    start: Callable[..., SupervisedChild], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    child = start()
    with caplog.at_level(logging.ERROR):
        os.kill(pids(tmp_path, 1)[0], signal.SIGKILL)
        pids(tmp_path, 2)
    child.end()
    assert "the child of a test died with code -9 and is started again" in caplog.text


def test_it_is_asked_to_finish_and_begins_nothing_else(start: Callable[..., SupervisedChild], tmp_path: Path) -> None:
    child = start()
    pids(tmp_path, 1)
    assert not child.is_stopping
    child.finish(60)
    assert child.is_stopping
    child.end()
    assert len(pids(tmp_path, 1)) == 1


def test_it_is_killed_after_its_time_and_the_log_names_its_work(
    start: Callable[..., SupervisedChild], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    child = start("stubborn")
    pids(tmp_path, 1)
    child.finish(0.1)
    child.end()
    assert "a task was not finished in time: the next start begins it again" in caplog.text
