"""A process that works for a server, and is started again when it dies."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from functions.local.child_process import AWAY_FROM_TERMINAL, training_environment

logger = logging.getLogger(__name__)
RESTART_SECONDS = 1.0


class SupervisedChild:
    """A process of a server, started again whenever it dies. It ends when its standard input closes.

    `name` and `work` are for the log: the trainer, a training.
    """

    def __init__(self, module: str, arguments: Sequence[str], *, name: str, work: str) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._name = name
        self._work = work
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._finished_by: float | None = None
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    @property
    def is_stopping(self) -> bool:
        """True once it begins no other work."""
        return self._stop.is_set()

    def finish(self, grace_seconds: float) -> None:
        """Ask it to end after the work at hand, and give it that time from now on; asked again, no more."""
        if self._finished_by is not None:
            return
        self._stop.set()
        self._finished_by = time.monotonic() + grace_seconds
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError, ValueError):  # it has ended already
                os.write(process.stdin.fileno(), b"finish")

    def end(self) -> None:
        """Wait for its end if it was asked to finish, and kill it after its time: the next start takes up its work."""
        self._stop.set()
        if self._finished_by is not None:
            self._thread.join(max(0.0, self._finished_by - time.monotonic()))
        if self._thread.is_alive():
            if self._finished_by is not None:
                logger.warning("%s was not finished in time: the next start begins it again", self._work)
            if self._process is not None:
                self._process.kill()
        self._thread.join()

    def _supervise(self) -> None:
        while not self._stop.is_set():
            environment = training_environment()
            with subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, env=environment, **AWAY_FROM_TERMINAL
            ) as process:
                self._process = process
                if self._stop.is_set():  # the server ended while the process was started
                    process.kill()
                code = process.wait()
            if not self._stop.is_set():
                logger.error("the %s died with code %s and is started again", self._name, code)
                self._stop.wait(RESTART_SECONDS)
