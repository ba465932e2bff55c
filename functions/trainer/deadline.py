"""Ends a piece of work before its time is over, even one that never comes back from C."""

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
"""How long before a function is cut off its work is stopped: to write down why, and to answer the queue."""
GRACE_SECONDS = 5.0
"""How long the work may take to notice; a call into C notices only when it returns."""


class DeadlineError(BaseException):
    """The time is over. No Exception, so that no pipeline takes it for a fault of its own."""


@contextmanager
def ended_after(seconds: float, on_end: Callable[[], bool]) -> Iterator[None]:
    """Lets the block run for at most `seconds`; to be used in the main thread.

    Then `on_end` writes down in a thread of its own that the work has failed. If it answers True, DeadlineError
    is raised in the block, and where that takes more than GRACE_SECONDS the process ends.
    """
    over = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if not over.is_set():
            raise DeadlineError

    def watch() -> None:
        if over.wait(seconds) or not on_end():
            return
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
        if not over.wait(GRACE_SECONDS):
            logger.error("the work does not stop: the process ends")
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
    finally:  # the one signal may have struck right there
        over.set()
        watcher.join()
        signal.signal(signal.SIGALRM, before)
