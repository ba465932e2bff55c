"""The runner of batches on one machine: a pool of processes, each with the version in memory."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from functions.batches.finishing import Finisher
from functions.batches.parts import FASTEST
from functions.batches.shard_run import NO_VERSION, CancelledError, ShardRunner
from functions.core.batch_record import Batch, Plan, Shard, ShardResult
from functions.core.batches import Batches
from functions.core.errors import InvalidInputError
from functions.core.lookups import PredictionStore
from functions.core.processors import THREADS_VARIABLE, processor_count
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.serving.version import LoadedVersion

logger = logging.getLogger(__name__)
ATTEMPTS = 2
"""The attempts at each shard within one run; a process that is killed takes the others of its pool with it."""


def _ignore(result: ShardResult) -> None:
    """Take no notice of a shard that is done."""


def _complete(batch: Batch) -> None:
    """Add nothing to a batch."""


@dataclass(frozen=True, slots=True)
class BatchPool:
    """A pool of processes. `on_shard` is called with each result, in the order in which they end.

    `complete` is called before the batch is finished, and `on_end` afterwards.

    The records of the batches are in the registry, unless other `records` are given.

    Storages and stores go to other processes, so they can be pickled.
    """

    registry: Registry
    files: Storage
    store: PredictionStore | None = None
    processes: int = 1
    on_shard: Callable[[ShardResult], None] = _ignore
    records: Storage | None = None
    compression: int = FASTEST
    complete: Callable[[Batch], None] = _complete
    on_end: Callable[[Batch], None] = _complete

    def run(self, batch: Batch) -> None:
        """Run the shards that have no marker yet, and finish the batch."""
        batches = self._batches
        if batch.plan is None:
            return
        for _ in range(0 if batch.is_finished else ATTEMPTS):
            done = set(batches.done_numbers(batch))
            left = [shard for shard in batches.shards(batch) if shard.number not in done]
            record = batches.read(batch.model, batch.batch)
            if not left or record.cancelled is not None or record.is_finished:
                break
            self._run_shards(batch, batch.plan, left)
        if (current := batches.read_attempt(batch.model, batch.batch, batch.attempt)) is None:
            return
        self.complete(current)
        if (current := batches.read_attempt(batch.model, batch.batch, batch.attempt)) is not None:
            self._finisher.finish(current)

    @property
    def _records(self) -> Storage:
        return self.records or self.registry.storage

    @property
    def _batches(self) -> Batches:
        return Batches(self._records, self.files)

    @property
    def _finisher(self) -> Finisher:
        return Finisher(self._batches, self._records, self.files, self.store, self.on_end)

    def _run_shards(self, batch: Batch, plan: Plan, shards: list[Shard]) -> None:
        runner = ShardRunner(self._batches, self.files, self.store, self.compression)
        # forked processes would share the threads and locks of this one, and ONNX Runtime has some
        context = multiprocessing.get_context("spawn")
        processes = min(self.processes, len(shards))
        work = runner, self.registry, batch, plan, max(1, processor_count() // processes)
        pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=work)
        try:
            for ended in as_completed([pool.submit(_run_shard, shard) for shard in shards]):
                self._report(ended, batch)
        finally:
            pool.shutdown(cancel_futures=True)

    def _report(self, ended: Future[ShardResult], batch: Batch) -> None:
        try:
            self.on_shard(ended.result())
        except (CancelledError, BrokenProcessPool) as error:
            logger.warning("batch %s of %s: %s", batch.batch, batch.model, error)
        except NO_VERSION as error:
            self._finisher.finish(batch, lacking=str(error))
        except InvalidInputError as error:
            self._finisher.refuse(batch, error)
        except Exception:
            logger.exception("a shard of batch %s of %s failed", batch.batch, batch.model)


@dataclass(slots=True)
class _Process:
    """The work of one process of a pool; its version is loaded when the first shard comes."""

    runner: ShardRunner
    registry: Registry
    batch: Batch
    plan: Plan
    version: LoadedVersion | None = None

    def run(self, shard: Shard) -> ShardResult:
        if self.version is None:
            self.version = LoadedVersion.load(self.registry, self.batch.model, self.plan.version)
        return self.runner.run(self.batch, self.plan, shard, self.version)


_processes: list[_Process] = []
"""The work of this process, once it has begun."""


def _begin(runner: ShardRunner, registry: Registry, batch: Batch, plan: Plan, threads: int) -> None:
    # together the processes have a thread for each processor
    os.environ.setdefault(THREADS_VARIABLE, str(threads))
    # Ctrl-C goes to all processes of a terminal; what has no marker yet is run again
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _processes[:] = [_Process(runner, registry, batch, plan)]


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one: a killed one leaves nobody to end it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_shard(shard: Shard) -> ShardResult:
    return _processes[0].run(shard)
