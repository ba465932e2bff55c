"""The trainer of a laptop, in a process of its own, so that training neither slows nor endangers serving.

Its standard input is a pipe from its parent. Anything that comes through it, and SIGTERM, ask it to finish: the job at
hand is done and no other is begun. It ends with its parent, even if that is killed, because the pipe closes then.
"""

from __future__ import annotations

import argparse
import logging
import os
import threading
from collections.abc import Container
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from functions.core.announcements import announcement_of_job
from functions.core.errors import DamagedRecordError, StorageError
from functions.core.jobs import LeaseHeldError
from functions.core.model_folder import load_definitions
from functions.core.submission import Submissions
from functions.core.uploads import UPLOADS_PREFIX, Arrival, is_awaited
from functions.local.added_models import AddedModels
from functions.local.arrival_loop import work_on_arrivals
from functions.local.home import Home
from functions.local.log_lines import log_to_stderr
from functions.local.model_folders import ModelFolders
from functions.local.parent import finish_asked
from functions.local.watcher import Watcher
from functions.local.webhook import announcer_from

if TYPE_CHECKING:
    from functions.trainer.worker import Worker

logger = logging.getLogger(__name__)


def main() -> None:
    """Watch the uploads of --home and train until asked to finish, or until standard input closes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--known", nargs="*", default=[], help="models that had their first version before")
    options = parser.parse_args()
    log_to_stderr(logging.INFO, "%(asctime)s trainer %(levelname)s %(message)s")
    finish = finish_asked()
    # after that, because the libraries of training take seconds to import, in which the parent may end as well
    from functions.trainer.worker import Worker

    home = Home(options.home)
    announcer = announcer_from(os.environ)
    definitions = ModelFolders(options.models, load_definitions(options.models))
    added = AddedModels(definitions.current, options.known, home.registry, Submissions(home.registry, home.uploads))
    threading.Thread(target=added.run, args=(finish,), daemon=True).start()
    worker = Worker(
        definitions,
        home.registry,
        home.uploads,
        on_end=lambda job, seconds: announcer.announce(announcement_of_job(job)),
    )
    watch(home, definitions, worker, until=finish)


def watch(home: Home, models: Container[str], worker: Worker, *, until: threading.Event) -> None:
    """Work on the arrivals of `models` one by one until `until` is set; the one at hand is finished."""
    work_on_arrivals(Watcher(home.root, UPLOADS_PREFIX), models, partial(_handle, worker, home), until=until)


def _handle(worker: Worker, home: Home, arrival: Arrival) -> bool:
    try:
        job = worker.handle(arrival)
        if job is not None:
            logger.info("%s job %s %s: %s", job.model, job.job, job.state, job.sentence)
        if is_awaited(arrival.key):
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


if __name__ == "__main__":
    main()
