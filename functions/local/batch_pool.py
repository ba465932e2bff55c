"""The runner of batches on one machine: a pool of processes, each with the version in memory."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache

from functions.batches.finishing import Finisher
from functions.batches.shard_run import CancelledError, ShardRunner
from functions.core.batches import Batch, Batches, Plan, Shard, ShardResult
from functions.core.lookups import PredictionStore
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.serving.version import LoadedVersion

logger = logging.getLogger(__name__)
ATTEMPTS = 2
"""The attempts at each shard within one run; a process that is killed takes the others of its pool with it."""


@dataclass(frozen=True, slots=True)
class BatchPool:
    """A pool of processes. `on_shard` is called with each result, in the order in which they end.

    Storages and stores go to other processes, so they can be pickled.
    """

    registry: Registry
    files: Storage
    store: PredictionStore | None = None
    processes: int = 1
    on_shard: Callable[[ShardResult], None] = lambda result: None

    def run(self, batch: Batch) -> None:
        """Run the shards that have no marker yet, and finish the batch."""
        batches = Batches(self.registry.storage, self.files)
        if batch.plan is None or batch.is_finished:
            return
        for _ in range(ATTEMPTS):
            done = set(batches.done_numbers(batch))
            left = [shard for shard in batches.shards(batch) if shard.number not in done]
            if not left or batches.read(batch.model, batch.batch).cancelled is not None:
                break
            self._run_shards(batch, batch.plan, left)
        Finisher(batches, self.registry.storage, self.files, self.store).finish(batches.read(batch.model, batch.batch))

    def _run_shards(self, batch: Batch, plan: Plan, shards: list[Shard]) -> None:
        runner = ShardRunner(Batches(self.registry.storage, self.files), self.files, self.store)
        processes = min(self.processes, len(shards))
        # forked processes would share the threads and locks of this one, and ONNX Runtime has some
        with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
            running = [pool.submit(_run_shard, runner, self.registry, batch, plan, shard) for shard in shards]
            for ended in as_completed(running):
                self._report(ended, batch)

    def _report(self, ended: Future[ShardResult], batch: Batch) -> None:
        try:
            self.on_shard(ended.result())
        except (CancelledError, BrokenProcessPool) as error:
            logger.warning("batch %s of %s: %s", batch.batch, batch.model, error)
        except Exception:
            logger.exception("a shard of batch %s of %s failed", batch.batch, batch.model)


def _run_shard(runner: ShardRunner, registry: Registry, batch: Batch, plan: Plan, shard: Shard) -> ShardResult:
    return runner.run(batch, plan, shard, _version(registry, batch.model, plan.version))


@cache
def _version(registry: Registry, model: str, version: int) -> LoadedVersion:
    return LoadedVersion.load(registry, model, version)
