"""The batches of a laptop, in a process of their own, so that they neither slow nor endanger serving.

Its standard input is a pipe from its parent, as that of the trainer is. A batch is not waited for at the end: the next
start goes on with the shards that are left.
"""

from __future__ import annotations

import argparse
import logging
import os
import threading
from pathlib import Path

from functions.core.announcements import announcement_of_batch
from functions.core.batch_submission import BatchSubmissions
from functions.core.model_folder import load_definitions
from functions.core.processors import processor_count
from functions.core.uploads import TO_PREDICT_PREFIX
from functions.local.arrival_loop import work_on_arrivals
from functions.local.batch_worker import BatchWorker
from functions.local.home import Home
from functions.local.log_lines import log_to_stderr
from functions.local.model_folders import ModelFolders
from functions.local.parent import finish_asked
from functions.local.scheduler import Scheduler
from functions.local.watcher import Watcher
from functions.local.webhook import announcer_from

NICENESS = 10
"""Requests, and a training, come first where all cores are at work."""


def main() -> None:
    """Watch the files to predict of --home and run their batches until asked to finish, or until stdin closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=max(1, processor_count() - 1))
    options = parser.parse_args()
    log_to_stderr(logging.INFO, "%(asctime)s batches %(levelname)s %(message)s")
    finish = finish_asked()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    home = Home(options.home)
    announcer = announcer_from(os.environ)
    definitions = ModelFolders(options.models, load_definitions(options.models))
    worker = BatchWorker(
        definitions,
        home,
        options.processes,
        on_end=lambda batch: announcer.announce(announcement_of_batch(batch)),
    )
    scheduler = Scheduler(definitions.current, BatchSubmissions(home.registry.storage, home.uploads))
    threading.Thread(target=scheduler.run, args=(finish,), daemon=True).start()
    work_on_arrivals(Watcher(home.root, TO_PREDICT_PREFIX), definitions, worker.work, until=finish)
    # not through the ends of threads and pools, which would wait for their batches
    os._exit(0)


if __name__ == "__main__":
    main()
