"""The steps of a batch: its start when a file arrives, then planning, one shard at a time, and the end.

Each step reads the record and does only what is left to do, so each may come twice, or late.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from functions.batches.finishing import Finisher
from functions.batches.planning import Planner
from functions.batches.runner import BatchRunner
from functions.batches.shard_run import NO_VERSION, CancelledError, ShardRunner
from functions.core.batch_keys import shards_key
from functions.core.batch_record import Batch, Shard, ShardResult
from functions.core.batch_submission import BatchSubmissions
from functions.core.batches import Batches
from functions.core.clock import stamp
from functions.core.definition import Definition
from functions.core.errors import InvalidInputError, NotFoundError, NotReadyError
from functions.core.lookups import PredictionStore
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.uploads import Arrival, UploadKey
from functions.serving.version import LoadedVersion

logger = logging.getLogger(__name__)
NOT_PLANNED = "it could not be planned: the log of the function `batch` has the reason"
LEFT_ALONE = "left alone"
"""In place of the state of a batch that was removed meanwhile, or is tried again by another execution."""
ShardDone = Callable[[Batch, ShardResult], None]


class BatchSteps:
    """The steps of all batches; those of an attempt before the current one do nothing.

    `runner` starts a batch; `on_shard` is called for every shard that was predicted, `on_end` for every batch that
    ended here. The version of the last shard stays in memory for the next one.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        registry: Registry,
        files: Storage,
        *,
        store: PredictionStore,
        runner: BatchRunner,
        on_shard: ShardDone = lambda batch, result: None,
        on_end: Callable[[Batch], None] = lambda batch: None,
    ) -> None:
        self._definitions = definitions
        self._registry = registry
        self._runner = runner
        self._on_shard = on_shard
        self._batches = Batches(registry.storage, files)
        self._submissions = BatchSubmissions(registry.storage, files)
        self._planner = Planner(self._batches, registry, files)
        self._shards = ShardRunner(self._batches, files, store)
        self._finisher = Finisher(self._batches, registry.storage, files, store, on_end)
        self._version: LoadedVersion | None = None

    def start(self, arrival: Arrival) -> None:
        """Start the batch of a file that arrived, or write the end of one that was cancelled before.

        Do nothing for a file of no model, or whose batch has its result.
        """
        upload = UploadKey.parse(arrival.key)
        definition = self._definitions.get(upload.model) if upload else None
        batch = self._submissions.of_arrival(definition, arrival) if definition else None
        if batch is None:
            logger.warning("no batch waits for %s", arrival.key)
        elif not batch.is_finished:
            self._runner.run(batch)
        elif batch.result is None:
            self._finisher.finish(batch)

    def plan(self, model: str, batch: str, attempt: int | None = None) -> dict[str, Any]:
        """Plan a batch, or end it with the reason why not.

        The answer has the key of its `shards` if there is work to do on them, and `complete` if the results are to be
        made Parquet or measured; or it has `convert` if its file is not plain, and must be made so first.
        """
        record = self._batches.read_attempt(model, batch, attempt)
        if record is None or record.is_finished:
            return _named(model, batch, attempt)
        planned = self._planned(record)
        if planned is None:
            return {**_named(model, batch, attempt), "convert": True}
        if planned.plan is None or planned.is_finished:
            return _named(model, batch, attempt)
        completed = {"complete": True} if planned.needs_completion else {}
        return {**_named(model, batch, attempt), "shards": shards_key(planned), **completed}

    def schedule(self, model: str, moment: str) -> dict[str, Any]:
        """Make the batch that model.toml schedules, of the file as it is now; `moment` is the scheduled time.

        The copy of the file starts it, as any arrival does. Raises ObjectNotFoundError if there is no file.
        """
        definition = self._definitions.get(model)
        if definition is None or definition.batch is None:  # the schedule of an older deployment
            return {"state": LEFT_ALONE}
        time = stamp(datetime.fromisoformat(moment))
        batch = self._submissions.of_schedule(definition, definition.batch, time)
        return {**_named(model, batch.batch, batch.attempt), "state": batch.state(0)}

    def shard(self, model: str, batch: str, shard: Shard, attempt: int | None = None) -> dict[str, Any]:
        """Predict a shard that has no result yet. The answer is empty: the map keeps those of all shards."""
        record = self._batches.read_attempt(model, batch, attempt)
        if record is None or record.plan is None or record.is_finished or self._batches.is_done(record, shard.number):
            return {}
        try:
            version = self._loaded(model, record.plan.version)
        except NO_VERSION as error:
            self._finisher.finish(record, lacking=str(error))
            return {}
        try:
            result = self._shards.run(record, record.plan, shard, version)
        except CancelledError as error:
            logger.warning("%s", error)
        except InvalidInputError as error:
            self._finisher.refuse(record, error)
        else:
            self._on_shard(record, result)
        return {}

    def finish(self, model: str, batch: str, attempt: int | None = None) -> dict[str, Any]:
        """Write the result of a batch; the answer has its state."""
        record = self._batches.read_attempt(model, batch, attempt)
        if record is None:
            return {**_named(model, batch, attempt), "state": LEFT_ALONE}
        ended = self._finisher.finish(record)
        if not ended.is_finished:
            ended = self._finisher.fail(record, NOT_PLANNED)
        return {**_named(model, batch, attempt), "state": ended.state(0)}

    def _planned(self, record: Batch) -> Batch | None:
        """The record with its plan, or as it ended; None if its file is not plain."""
        try:
            definition = self._definitions.get(record.model)
            if definition is None:
                raise NotFoundError("model", record.model)
            return self._planner.plan(record, definition)
        except InvalidInputError as error:
            return self._finisher.refuse(record, error)
        except (NotReadyError, *NO_VERSION) as error:
            return self._finisher.fail(record, str(error))

    def _loaded(self, model: str, version: int) -> LoadedVersion:
        kept = self._version
        if kept is not None and kept.is_published_as(self._registry, model, version):
            return kept
        # before the next one is loaded: the function has memory for one, and for work on a shard
        self._version = kept = None
        self._version = LoadedVersion.load(self._registry, model, version)
        return self._version


def _named(model: str, batch: str, attempt: int | None) -> dict[str, Any]:
    return {"model": model, "batch": batch, "attempt": attempt}
