"""The trainer of a laptop, in a process of its own, so that training neither slows nor endangers serving.

Its standard input is a pipe from its parent. Anything that comes through it, and SIGTERM, ask it to finish: the job at
hand is done and no other is begun. It ends with its parent, even if that is killed, because the pipe closes then.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from functions.core.errors import DamagedRecordError, StorageError
from functions.core.jobs import LeaseHeldError
from functions.core.model_folder import load_definitions
from functions.core.uploads import Arrival, is_of_job
from functions.local.home import Home
from functions.local.log_lines import log_to_stderr
from functions.local.model_folders import ModelFolders
from functions.local.watcher import Watcher

if TYPE_CHECKING:
    from functions.trainer.worker import Worker

logger = logging.getLogger(__name__)
LOOK_SECONDS = 0.1
JOB_RETRY_SECONDS = 2.0


def main() -> None:
    """Watch the uploads of --home and train until asked to finish, or until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    options = parser.parse_args()
    log_to_stderr(logging.INFO, "%(asctime)s trainer %(levelname)s %(message)s")
    finish = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: finish.set())
    threading.Thread(target=_obey_parent, args=(finish,), daemon=True).start()
    # after that thread, because the libraries of training take seconds to import, in which the parent may end as well
    from functions.trainer.worker import Worker

    home = Home(options.home)
    definitions = ModelFolders(options.models, load_definitions(options.models))
    worker = Worker(definitions, home.registry, home.uploads)
    watch(home, worker, until=finish)


def watch(home: Home, worker: Worker, *, until: threading.Event) -> None:
    """Work on arrivals one by one until `until` is set; the one at hand is finished."""
    watcher = Watcher(home.root)
    retry: dict[str, float] = {}
    while not until.is_set():
        for arrival in watcher.arrivals():
            if until.is_set():
                break
            # a file that failed waits its turn without holding up the others
            if time.monotonic() < retry.get(arrival.key, 0):
                watcher.forget(arrival)
            elif not _handle(worker, arrival, home):
                retry[arrival.key] = time.monotonic() + JOB_RETRY_SECONDS
                watcher.forget(arrival)
        time.sleep(LOOK_SECONDS)


def _handle(worker: Worker, arrival: Arrival, home: Home) -> bool:
    try:
        job = worker.handle(arrival)
        if job is not None:
            logger.info("%s job %s %s: %s", job.model, job.job, job.state, job.reason)
        if is_of_job(arrival.key):
            home.uploads.delete(arrival.key)  # the registry has the rows; dropped files belong to their owner
    except LeaseHeldError:
        return False
    except (StorageError, DamagedRecordError) as error:
        logger.error("job will be tried again: %s: %s", arrival.key, error)
        return False
    except Exception:
        logger.exception("job will be tried again: %s", arrival.key)
        return False
    return True


def _obey_parent(finish: threading.Event) -> None:
    # sys.stdin has a lock; an interpreter that ends while this thread holds it aborts
    while os.read(sys.stdin.fileno(), 1024):
        finish.set()
    os._exit(0)


if __name__ == "__main__":
    main()
