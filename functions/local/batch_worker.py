"""The work on batches on one machine: several at a time, each with a pool of processes of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from functions.batches.finishing import Finisher
from functions.batches.planning import Planner
from functions.core.batch_record import Batch
from functions.core.batch_submission import BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.errors import ConflictError, DamagedRecordError, DespliegueError, InvalidInputError, StorageError
from functions.core.uploads import Arrival, UploadKey
from functions.local.batch_pool import BatchPool
from functions.local.home import Home
from functions.local.late_stages import LateStages

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 2


@dataclass(slots=True)
class BatchWorker:
    """A worker on the files of batches that arrive in a home; at most MOST_AT_ONCE batches run at a time."""

    definitions: Mapping[str, Definition]
    home: Home
    processes: int = 1
    on_end: Callable[[Batch], None] = lambda batch: None
    _running: dict[str, Future[bool]] = field(default_factory=dict)

    def work(self, arrival: Arrival) -> bool:
        """Begin the batch of an arrival, and return True once it has ended: until then, the arrival comes again."""
        upload = UploadKey.parse(arrival.key)
        definition = self.definitions.get(upload.model) if upload else None
        if definition is None:
            return False  # its folder was removed just now: the loop keeps the file
        try:
            batch = BatchSubmissions(self.home.registry.storage, self.home.uploads).of_arrival(definition, arrival)
            if batch is None:
                logger.warning("no batch waits for %s", arrival.key)
            # to end one reads and writes records of its model as well
            return batch is None or self._has_ended(definition, batch)
        except DamagedRecordError as error:
            logger.error("the batch of %s is left alone until the next start: %s", arrival.key, error)
            return True
        except (StorageError, ConflictError) as error:
            logger.error("the batch of %s will be tried again: %s", arrival.key, error)
            return False

    def _has_ended(self, definition: Definition, batch: Batch) -> bool:
        running = self._running.get(batch.batch)
        if running is not None and not running.done():
            return False
        if running is not None:
            # one that was begun again in the meantime has not ended
            return self._running.pop(batch.batch).result() and batch.is_finished
        if batch.is_finished:
            # a process that died after it had written the result has not let the batch answer lookups
            self._finisher.finish(batch)
            return True
        if sum(not one.done() for one in self._running.values()) < MOST_AT_ONCE:
            ended: Future[bool] = Future()
            self._running[batch.batch] = ended
            # a daemon: who asks this process to end does not wait for a batch, which goes on with the next start
            threading.Thread(target=self._run, args=(definition, batch, ended), daemon=True).start()
        return False

    @property
    def _batches(self) -> Batches:
        return Batches(self.home.registry.storage, self.home.uploads)

    @property
    def _finisher(self) -> Finisher:
        home = self.home
        return Finisher(self._batches, home.registry.storage, home.uploads, home.predictions, self.on_end)

    def _run(self, definition: Definition, batch: Batch, ended: Future[bool]) -> None:
        try:
            self._predict(definition, batch)
        except StorageError as error:
            logger.error("batch %s of %s will be tried again: %s", batch.batch, batch.model, error)
            ended.set_result(False)
        except Exception:
            logger.exception("batch %s of %s will be tried again", batch.batch, batch.model)
            ended.set_result(False)
        else:
            ended.set_result(True)

    def _predict(self, definition: Definition, batch: Batch) -> None:
        registry, files = self.home.registry, self.home.uploads
        batches, store, finisher = self._batches, self.home.predictions, self._finisher
        stages = LateStages(batches, registry, files)
        try:
            planned = Planner(batches, registry, files).plan(batch, definition)
            if planned is None:
                stages.convert(batch, definition)
                planned = Planner(batches, registry, files).planned(batch, definition)
        except InvalidInputError as error:
            finisher.refuse(batch, error)
        except StorageError:
            raise
        except DespliegueError as error:
            finisher.fail(batch, error.public)
        else:
            BatchPool(registry, files, store, self.processes, complete=stages.complete, on_end=self.on_end).run(planned)
        ended = batches.read(batch.model, batch.batch)
        reason = f": {ended.result.reason}" if ended.result and ended.result.reason else ""
        logger.info("%s batch %s %s%s", ended.model, ended.batch, ended.state(0), reason)
