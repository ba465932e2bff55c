"""Batches in a registry: one record each, changed only by compare-and-swap; the work leaves markers.

What a batch has done is read from its markers, never from the runner.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial

import orjson

from functions.core.batch_keys import (
    conversion_key,
    converted_key,
    folder_of,
    marker_key,
    metrics_key,
    record_key,
    shards_key,
)
from functions.core.batch_record import Batch, Converted, Shard, ShardResult
from functions.core.clock import now
from functions.core.errors import (
    ConflictError,
    DamagedRecordError,
    NotFoundError,
    ObjectNotFoundError,
    PreconditionFailedError,
)
from functions.core.excerpts import Excerpt
from functions.core.records import read_record
from functions.core.storage import Storage, is_object
from functions.core.threads import both, in_threads
from functions.core.time_notes import forget_time, note_time, noted_times, read_newest

logger = logging.getLogger(__name__)
BATCH_ID = re.compile(r"[0-9a-f]{32}")
TIMES = "batches"
"""The kind of the notes of times."""
CHANGES_ATTEMPTS = 10


class Batches:
    """The records of batches in a registry, and the markers beside their results."""

    def __init__(self, records: Storage, files: Storage) -> None:
        """`records` is the storage of the registry, `files` the one of inputs, markers and results."""
        self._records = records
        self.files = files

    def create(self, batch: Batch) -> tuple[Batch, bool]:
        """Write a new record and return it with True, or return the existing record with False."""
        try:
            self._records.create(record_key(batch.model, batch.batch), batch.to_json())
        except PreconditionFailedError:
            return self.read(batch.model, batch.batch), False
        note_time(self._records, batch.model, TIMES, batch.batch, batch.created)
        return batch, True

    def read(self, model: str, batch: str) -> Batch:
        """Raises NotFoundError, DamagedRecordError."""
        return self._read(model, batch)[0]

    def newest_first(self, model: str, start: int = 0, count: int | None = None) -> Excerpt[Batch]:
        """An excerpt of the readable batches of a model, newest first; the others are logged."""
        files, noted = both(
            partial(self._records.children, f"models/{model}/batches"),
            partial(noted_times, self._records, model, TIMES),
        )
        names = [name for name in files if BATCH_ID.fullmatch(name)]
        return read_newest(names, noted, partial(self._readable, model), start, count)

    def delete(self, batch: Batch) -> None:
        """Remove the record of a batch whose files are gone, its notes and its shards; the record last."""
        if batch.plan is not None:
            forget_time(self._records, batch.model, _times_of(batch.plan.version), batch.batch, batch.created)
        forget_time(self._records, batch.model, TIMES, batch.batch, batch.created)
        self._records.delete(shards_key(batch))
        self._records.delete(record_key(batch.model, batch.batch))

    def note_version(self, batch: Batch, version: int) -> None:
        """Note that the version makes this batch; planning does so before it writes the plan."""
        note_time(self._records, batch.model, _times_of(version), batch.batch, batch.created)

    def of_version(self, model: str, version: int) -> list[str]:
        """The names of the batches that a version made or makes, newest first, from notes alone."""
        noted = noted_times(self._records, model, _times_of(version))
        return sorted(noted, key=noted.__getitem__, reverse=True)

    def change(self, model: str, batch: str, changed: Callable[[Batch], Batch]) -> Batch:
        """Write what `changed` makes of the record, again if another writer was faster; it may raise to refuse.

        Raises NotFoundError, DamagedRecordError, ConflictError.
        """
        for _ in range(CHANGES_ATTEMPTS):
            record, etag = self._read(model, batch)
            wanted = changed(record)
            if wanted == record:
                return record
            wanted = replace(wanted, updated=now())
            try:
                self._records.replace(record_key(model, batch), wanted.to_json(), etag)
            except PreconditionFailedError:
                continue
            return wanted
        raise ConflictError(f"batch {batch} of {model} changes all the time: try again")

    def write_shards(self, batch: Batch, shards: Sequence[Shard]) -> None:
        """Write the shards, which follow from the plan in the record."""
        self._records.write(shards_key(batch), orjson.dumps([asdict(shard) for shard in shards]))

    def has_shards(self, batch: Batch) -> bool:
        """True once planning is complete."""
        return is_object(self._records, shards_key(batch))

    def shards(self, batch: Batch) -> tuple[Shard, ...]:
        """The shards of a planned batch. Raises DamagedRecordError, ObjectNotFoundError."""
        key = shards_key(batch)
        return read_record(self._records.read(key).body, tuple[Shard, ...], key)

    def write_marker(self, batch: Batch, result: ShardResult) -> None:
        """Write the marker of a shard, after everything else of it."""
        self.files.write(marker_key(batch, result.number), orjson.dumps(asdict(result)))

    def converted(self, batch: Batch) -> Converted | None:
        """The record of the conversion of a file that is not plain; None if there is none yet."""
        key = conversion_key(batch)
        try:
            return read_record(self.files.read(key).body, Converted, key)
        except ObjectNotFoundError:
            return None

    def write_converted(self, batch: Batch, rows: bytes, converted: Converted) -> None:
        """Write the rows of a file, and then the record of its conversion."""
        self.files.write(converted_key(batch), rows)
        self.files.write(conversion_key(batch), orjson.dumps(asdict(converted)))

    def metrics(self, batch: Batch) -> Mapping[str, float | None] | None:
        """The metrics of a batch that was measured; None for any other."""
        key = metrics_key(batch)
        try:
            return read_record(self.files.read(key).body, dict[str, float | None], key) if batch.measure else None
        except ObjectNotFoundError:
            return None

    def done_numbers(self, batch: Batch) -> list[int]:
        """The numbers of the shards that have a marker, in ascending order."""
        names = self.files.children(f"{folder_of(batch)}/done")
        return sorted(int(name.removesuffix(".json")) for name in names if name.removesuffix(".json").isdecimal())

    def is_done(self, batch: Batch, number: int) -> bool:
        """True for a shard that has a marker, which is not read."""
        return is_object(self.files, marker_key(batch, number))

    def results(self, batch: Batch) -> list[ShardResult]:
        """The markers, in the order of the shards."""
        return in_threads(partial(self._marker, batch), self.done_numbers(batch))

    def _marker(self, batch: Batch, number: int) -> ShardResult:
        key = marker_key(batch, number)
        return read_record(self.files.read(key).body, ShardResult, key)

    def _readable(self, model: str, name: str) -> Batch | None:
        try:
            return self.read(model, name)
        except (DamagedRecordError, NotFoundError) as error:
            logger.error("a batch of %s is left out: %s", model, error)
            return None

    def _read(self, model: str, batch: str) -> tuple[Batch, str]:
        if not BATCH_ID.fullmatch(batch):
            raise NotFoundError("batch", batch)
        key = record_key(model, batch)
        try:
            stored = self._records.read(key)
        except ObjectNotFoundError:
            raise NotFoundError("batch", batch) from None
        return read_record(stored.body, Batch, key), stored.etag


def _times_of(version: int) -> str:
    return f"{TIMES}-of-{version}"
