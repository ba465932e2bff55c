"""Ctrl-C in a real terminal: commands end with a line that says what stays, and without a traceback."""

from __future__ import annotations

import os
import re
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.copied_models import copied
from tools.checkout import HERE

pty = pytest.importorskip("pty", reason="SKIPPED: this platform has no terminals of POSIX", exc_type=ImportError)
CTRL_C = b"\x03"
LONGEST_SECONDS = 120


class Terminal:
    """A command in a terminal of its own, with what it has printed so far."""

    def __init__(self, process: int, descriptor: int) -> None:
        self.process = process
        self.printed = ""
        self.is_ended = False
        self._descriptor = descriptor

    def wait_for(self, pattern: str) -> None:
        deadline = time.monotonic() + LONGEST_SECONDS
        while not re.search(pattern, self.printed):
            assert time.monotonic() < deadline, self.printed
            assert self._read(), f"it ended before {pattern!r} was seen:\n{self.printed}"

    def press(self, key: bytes) -> None:
        os.write(self._descriptor, key)

    def end(self) -> int:
        """Wait for the end; returns the exit code, negative for a signal."""
        while self._read():
            pass
        _, status = os.waitpid(self.process, 0)
        self.is_ended = True
        return os.waitstatus_to_exitcode(status)

    def _read(self) -> bool:
        waiting = select.poll()  # select() takes no descriptor from 1024 on, and a process of tests has more open
        waiting.register(self._descriptor, select.POLLIN)
        assert waiting.poll(LONGEST_SECONDS * 1000), f"nothing more was printed after:\n{self.printed}"
        try:
            new = os.read(self._descriptor, 65536)
        except OSError:  # Linux ends a terminal so
            return False
        self.printed += new.decode(errors="replace")
        return bool(new)


@contextmanager
def terminal(workspace: Path, home: Path, *arguments: str) -> Iterator[Terminal]:
    command = HERE.command(*arguments)
    process, descriptor = pty.fork()
    if process == 0:
        os.chdir(workspace)
        os.execve(  # noqa: S606
            command[0], command, {**os.environ, **HERE.environment, "DESPLIEGUE_HOME": str(home)}
        )
    found = Terminal(process, descriptor)
    try:
        yield found
    finally:
        if not found.is_ended:  # its number may be another's by now
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        os.close(descriptor)


def test_a_server_says_what_stays(workspace: Path, tmp_path: Path) -> None:
    with terminal(workspace, tmp_path / "home", "serve", "--port", "0") as found:
        found.wait_for("serving .* on http://")
        time.sleep(1)  # the trainer imports its libraries for some seconds
        found.press(CTRL_C)
        assert found.end() == 0
    assert "Traceback" not in found.printed
    assert "KeyboardInterrupt" not in found.printed
    last = found.printed.strip().splitlines()[-1]
    assert last.startswith(f"stopped; models, jobs and files stay in {tmp_path / 'home'}, and an unfinished training")


@pytest.mark.parametrize("after", ["training on its sample", "fit +[0-9]+%"])
def test_a_first_training_is_stopped_with_its_server(workspace: Path, tmp_path: Path, after: str) -> None:
    with terminal(workspace, tmp_path / "home", "serve", "--port", "0", "-v") as found:
        found.wait_for(after)
        found.press(CTRL_C)
        assert found.end() == 0
    assert "Traceback" not in found.printed
    assert "stopped; models, jobs and files stay" in found.printed


FOR_EVER = """

class Patient(LogisticRegression):
    def fit(self, rows, labels):
        import time
        time.sleep(3600)


def build_pipeline(**args):
    return Pipeline([("vectorizer", DictVectorizer(sparse=False)), ("model", Patient(**args))])
"""
"""The end of a pipeline.py: a fit of a sample could be over before a key is pressed."""


def test_any_other_command_stops_with_the_code_of_an_interrupt(tmp_path: Path) -> None:
    workspace = copied(["churn"], tmp_path)
    with (workspace / "models" / "churn" / "pipeline.py").open("a", encoding="utf-8") as pipeline:
        pipeline.write(FOR_EVER)
    with terminal(workspace, tmp_path / "home", "train", "churn") as found:
        found.wait_for("fit +[0-9]+%")
        found.press(CTRL_C)
        assert found.end() == 130
    assert "Traceback" not in found.printed
    assert found.printed.strip().splitlines()[-1].startswith("despliegue: stopped; what was published stays")
