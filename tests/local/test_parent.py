"""The end of a process with its parent, and the wish of its parent that it finish."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHILD = """
from functions.local.parent import finish_asked
finish = finish_asked()
print("ready", flush=True)
finish.wait()
print("asked", flush=True)
"""


@pytest.fixture
def child(root: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_what_comes_from_the_parent_asks_to_finish(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("finish")
    child.stdin.flush()
    assert child.stdout.readline() == "asked\n"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is POSIX; on Windows it kills")
def test_sigterm_asks_to_finish(child: subprocess.Popen[str]) -> None:
    assert child.stdout is not None
    child.send_signal(signal.SIGTERM)
    assert child.stdout.readline() == "asked\n"


def test_the_process_ends_with_its_parent(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(30) == 0
