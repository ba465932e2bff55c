"""Batches in one process: the context of their routes, and a runner that leaves shards out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import httpx

from functions.batches.finishing import Finisher
from functions.batches.planning import Planner
from functions.batches.shard_run import ShardRunner
from functions.core.batch_record import Batch
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.local_storage import LocalStorage
from functions.core.lookups import PredictionStore
from functions.core.registry import Registry
from functions.inference.control.context import Batching
from functions.local.download_links import LocalDownloadLinks
from functions.serving.version import LoadedVersion


def local_batching(registry: Registry, files: LocalStorage, store: PredictionStore | None = None) -> Batching:
    return Batching(registry.storage, files, store, LocalDownloadLinks(files))


@dataclass
class InlineRunner:
    """Plans a batch, runs its shards one by one in this process, and finishes it."""

    registry: Registry
    files: LocalStorage
    store: PredictionStore | None = None

    @property
    def batches(self) -> Batches:
        return Batches(self.registry.storage, self.files)

    def plan(self, definition: Definition, batch: str) -> Batch:
        record = self.batches.read(definition.name, batch)
        planned = Planner(self.batches, self.registry, self.files).plan(record, definition)
        assert planned is not None, "the file is not plain"
        return planned

    def predict(self, batch: Batch, *, without: Collection[int] = ()) -> None:
        """Run the shards that have no marker, but for those `without`."""
        assert batch.plan is not None
        version = LoadedVersion.load(self.registry, batch.model, batch.plan.version)
        done = {*self.batches.done_numbers(batch), *without}
        runner = ShardRunner(self.batches, self.files, self.store)
        for shard in self.batches.shards(batch):
            if shard.number not in done:
                runner.run(batch, batch.plan, shard, version)

    def finish(self, batch: Batch) -> Batch:
        finisher = Finisher(self.batches, self.registry.storage, self.files, self.store)
        return finisher.finish(self.batches.read(batch.model, batch.batch))

    def run(self, definition: Definition, batch: str, *, without: Collection[int] = ()) -> Batch:
        planned = self.plan(definition, batch)
        self.predict(planned, without=without)
        return self.finish(planned)


def post_form(client: httpx.Client, form: dict[str, object], body: bytes) -> None:
    """Post a file by a form that the API gave."""
    answer = client.post(str(form["url"]), data=form["fields"], files={"file": ("local.csv", body)})  # type: ignore[arg-type]
    assert answer.status_code == 204, answer.text
