"""The parent of a process that works for a server: asks it to finish, and takes it along when it ends."""

from __future__ import annotations

import os
import signal
import sys
import threading


def finish_asked() -> threading.Event:
    """An event that is set once the process is asked to finish, by SIGTERM or through its standard input.

    The process ends when that input closes, as it does even if its parent is killed. To be called in the main thread.
    """
    finish = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: finish.set())
    threading.Thread(target=_obey, args=(finish,), daemon=True).start()
    return finish


def _obey(finish: threading.Event) -> None:
    # sys.stdin has a lock; an interpreter that ends while this thread holds it aborts
    while os.read(sys.stdin.fileno(), 1024):
        finish.set()
    os._exit(0)
