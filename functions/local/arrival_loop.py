"""The loop of a process that works on the files that arrive in a home."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container

from functions.core.uploads import Arrival
from functions.local.early_arrivals import EarlyArrivals
from functions.local.watcher import Watcher

LOOK_SECONDS = 0.1
RETRY_SECONDS = 2.0


def work_on_arrivals(
    watcher: Watcher, models: Container[str], work: Callable[[Arrival], bool], *, until: threading.Event
) -> None:
    """Work on arrivals one by one until `until` is set; the one at hand is finished.

    What arrives for a model that is not among `models` waits until it is. `work` returns False for what it is to be
    given again, after RETRY_SECONDS.
    """
    retry: dict[str, float] = {}
    early = EarlyArrivals(models)
    while not until.is_set():
        for arrival in early.due():
            watcher.forget(arrival)
        for arrival in watcher.arrivals():
            if until.is_set():
                break
            if early.keep(arrival):
                continue
            # a file that failed waits its turn without holding up the others
            if time.monotonic() < retry.get(arrival.key, 0):
                watcher.forget(arrival)
            elif not work(arrival):
                retry[arrival.key] = time.monotonic() + RETRY_SECONDS
                watcher.forget(arrival)
        time.sleep(LOOK_SECONDS)
