"""A deadline for a piece of work, even for one that never returns from C."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

logger = logging.getLogger(__name__)
STOP_SECONDS = 20.0
"""The time before the end of a function at which its work is stopped, to record the reason and answer the queue."""
GRACE_SECONDS = 5.0
"""The time that the work has to stop; a call into C notices the signal only when it returns."""


class DeadlineError(BaseException):
    """The time is over. It is not an Exception, so that no pipeline catches it as an error of its own."""


@contextmanager
def ended_after(seconds: float, on_end: Callable[[], bool]) -> Iterator[None]:
    """Let the block run for at most `seconds`. It must be used in the main thread, where Python handles signals.

    After that time, `on_end` records the failure in another thread. If it returns True, DeadlineError is raised in
    the block; a block that does not end within GRACE_SECONDS ends with the process.
    """
    over = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not over.is_set():
            raise DeadlineError

    def watch() -> None:
        if over.wait(seconds) or not on_end():
            return
        # a signal reaches the main thread even while it sleeps or waits for a lock
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
        if not over.wait(GRACE_SECONDS):
            logger.error("the work does not stop: the process ends")
            # os._exit flushes nothing, and the last lines of the log say why the process ends
            sys.stdout.flush()
            os._exit(1)

    before = signal.signal(signal.SIGALRM, interrupt)
    watcher = threading.Thread(target=watch, daemon=True)
    try:
        try:
            watcher.start()
            yield
        finally:
            over.set()
    finally:  # the signal may arrive during the inner finally
        over.set()
        watcher.join()
        signal.signal(signal.SIGALRM, before)
