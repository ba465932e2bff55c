"""Batches and plans for the tests: a record over a file that is written with it."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from functions.batches.finishing import Finisher
from functions.batches.plain_file import PlainFile
from functions.batches.planning import Planner
from functions.batches.shard_run import ShardRunner
from functions.core.batch_keys import errors_key
from functions.core.batch_record import Batch, Plan
from functions.core.batches import Batches
from functions.core.clock import now
from functions.core.definition import Definition, FileSettings
from functions.core.local_storage import LocalStorage
from functions.core.lookups import PredictionStore
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.serving.version import LoadedVersion

AS_WRITTEN = FileSettings()
MODELS = Path(__file__).parents[2] / "models"
CHURN = b"".join((MODELS / "churn" / "sample.csv").read_bytes().splitlines(keepends=True)[:301])
"""The header and 300 rows of a sample: five shards of SMALL_SHARD_BYTES."""
SMALL_SHARD_BYTES = 10_000


def batch_of(key: str = "to-predict/churn/rows.csv", **changes: Any) -> Batch:
    """A new batch, which gives JSON Lines, without ids."""
    moment = now()
    plain = Batch(
        batch=secrets.token_hex(16),
        model=key.split("/")[1],
        input=key,
        output="jsonl",
        id=None,
        lookup=False,
        actor="tests",
        fingerprint="",
        created=moment,
        updated=moment,
    )
    return replace(plain, **changes)


def plan_of(file: PlainFile, *, shard_bytes: int = 100, files: FileSettings = AS_WRITTEN, **changes: Any) -> Plan:
    """The plan for a file that was found plain."""
    plan = Plan(
        version=1,
        time=now(),
        input="rows",
        form=file.form,
        header=file.header,
        start=file.start,
        line=file.line,
        files=files,
        shard_bytes=shard_bytes,
        rows=0,
        shards=0,
    )
    return replace(plan, **changes)


@dataclass(frozen=True)
class Workplace:
    """One place of records and files, with the versions of a registry."""

    registry: Registry
    records: Storage
    files: Storage
    definitions: Mapping[str, Definition]
    store: PredictionStore | None = None

    @classmethod
    def within(cls, folder: Path, registry: Registry, definitions: Mapping[str, Definition], **more: Any) -> Workplace:
        return cls(registry, LocalStorage(folder / "records"), LocalStorage(folder / "files"), definitions, **more)

    @property
    def batches(self) -> Batches:
        return Batches(self.records, self.files)

    @property
    def planner(self) -> Planner:
        return Planner(self.batches, self.registry, self.files)

    @property
    def runner(self) -> ShardRunner:
        return ShardRunner(self.batches, self.files, self.store)

    @property
    def finisher(self) -> Finisher:
        return Finisher(self.batches, self.records, self.files, self.store)

    def sent(self, body: bytes, name: str = "rows.csv", model: str = "churn", **changes: Any) -> Batch:
        """A new batch whose file has arrived."""
        key = f"to-predict/{model}/{name}"
        self.files.write(key, body)
        return self.batches.create(batch_of(key, **changes))[0]

    def planned(self, body: bytes, name: str = "rows.csv", model: str = "churn", **changes: Any) -> Batch:
        found = self.planner.plan(self.sent(body, name, model, **changes), self.definitions[model])
        assert found is not None
        return found

    def run(self, batch: Batch, numbers: Callable[[int], bool] = lambda number: True) -> Batch:
        """Run the shards with these numbers, and finish."""
        self.run_shards(batch, numbers)
        return self.finisher.finish(self.batches.read(batch.model, batch.batch))

    def run_shards(self, batch: Batch, numbers: Callable[[int], bool] = lambda number: True) -> None:
        assert batch.plan is not None
        version = LoadedVersion.load(self.registry, batch.model, batch.plan.version)
        for shard in self.batches.shards(batch):
            if numbers(shard.number):
                self.runner.run(batch, batch.plan, shard, version)

    def predicted(self, batch: Batch) -> list[dict[str, Any]]:
        """The documents of a JSON Lines output, in order."""
        return documents(self.output(batch))

    def output(self, batch: Batch) -> bytes:
        """All parts of the result, joined."""
        assert batch.result is not None
        return gzip.decompress(b"".join(self.files.read(key).body for key in batch.result.parts))

    def refused(self, batch: Batch) -> list[dict[str, Any]]:
        assert batch.plan is not None
        keys = [errors_key(batch, number) for number in range(1, batch.plan.shards + 1)]
        found = [key for key in keys if key in self.files.keys("batches")]
        return documents(gzip.decompress(b"".join(self.files.read(key).body for key in found)) if found else b"")


def documents(body: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in body.splitlines()]
