"""The work on one shard: read, check and predict its rows, write its files, and then its marker."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from functions.batches.parts import FASTEST, compressed, csv_lines, error_lines, json_lines, truth_lines
from functions.batches.rows import Rows, ShardReader
from functions.core.batch_keys import errors_key, ids_key, part_key, truths_key
from functions.core.batch_record import Batch, Plan, Shard, ShardResult
from functions.core.batches import Batches
from functions.core.errors import (
    DamagedVersionError,
    Fault,
    InvalidInputError,
    NotFoundError,
    TooLargeError,
    UnsupportedFormatError,
)
from functions.core.lookups import PredictionStore, StoredPrediction
from functions.core.storage import Storage
from functions.serving.version import LoadedVersion, Predictions

ID_DIGEST_BYTES = 8
"""Among ten million ids, the chance that two different ones have the same digest is one in 300,000."""
CHUNK_ROWS = 1000
"""More rows at a time are no faster: their cells would not stay in the cache of a processor."""
SECONDS_BETWEEN_LOOKS = 1.0
NO_VERSION = (NotFoundError, DamagedVersionError, UnsupportedFormatError)
"""Errors of loading a version, by which no shard of its batch can run."""
STORED_AT_ONCE = 2000
"""The most predictions that one call gives to the store."""


class ChangedInputError(InvalidInputError):
    """The file of a batch was written again after the batch was planned, so that its shards are of two files."""

    def __init__(self) -> None:
        super().__init__([Fault(("file",), "the file was changed while the batch ran: send it again", "changed")])


class CancelledError(Exception):
    """The batch was cancelled while the shard ran."""


@dataclass(frozen=True, slots=True)
class ShardRunner:
    """A worker on shards. `files` holds inputs and results, `store` takes predictions to look up.

    `compression` is the level of gzip, 0 for results that are unpacked at once.
    """

    batches: Batches
    files: Storage
    store: PredictionStore | None = None
    compression: int = FASTEST

    def run(self, batch: Batch, plan: Plan, shard: Shard, version: LoadedVersion) -> ShardResult:
        """Predict a shard. Run twice, it writes the same objects.

        Raises CancelledError, StorageError, and InvalidInputError where the batch can never have all of its results.
        """
        started = time.monotonic()
        body = self.files.read_range(plan.input, shard.start, shard.end)
        require_unchanged(self.files, plan)
        work = _Work(batch, plan, version)
        looked = started - SECONDS_BETWEEN_LOOKS
        for rows in reader_of(batch, plan, version).chunks(body, shard.line):
            if time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
                self._require_wanted(batch)
                looked = time.monotonic()
            work.add(rows)
            if len(work.found) >= STORED_AT_ONCE:
                self._store(batch, work)
        self._store(batch, work)
        self._write(work, shard)
        result = ShardResult(shard.number, work.done, work.refused, round(time.monotonic() - started, 3))
        self.batches.write_marker(batch, result)
        return result

    def _store(self, batch: Batch, work: _Work) -> None:
        if self.store is not None:
            for start in range(0, len(work.found), STORED_AT_ONCE):
                self.store.write(batch.model, batch.batch, work.found[start : start + STORED_AT_ONCE])
        work.found.clear()

    def _write(self, work: _Work, shard: Shard) -> None:
        batch = work.batch
        if work.faults:
            self.files.write(errors_key(batch, shard.number), compressed(error_lines(work.faults), self.compression))
        self.files.write(part_key(batch, shard.number), compressed(b"".join(work.parts), self.compression))
        if work.truths:
            self.files.write(truths_key(batch, shard.number), compressed(b"".join(work.truths), self.compression))
        if work.plan.has_lookup(batch):
            self.files.write(ids_key(batch, shard.number), b"".join(work.id_digests))

    def _require_wanted(self, batch: Batch) -> None:
        if self.batches.read(batch.model, batch.batch).cancelled is not None:
            raise CancelledError(f"batch {batch.batch} of {batch.model} was cancelled")


def require_unchanged(files: Storage, plan: Plan) -> None:
    """Raise ChangedInputError if what was read of the input may be of another file than the one that was planned."""
    if plan.revision is not None and files.revision(plan.input) != plan.revision:
        raise ChangedInputError


def reader_of(batch: Batch, plan: Plan, version: LoadedVersion) -> ShardReader:
    """The reader of the rows that a version predicts."""
    return ShardReader(batch, plan, version.manifest.schema, min(version.budget.most, CHUNK_ROWS))


def predicted_parts(version: LoadedVersion, rows: Rows) -> Iterator[tuple[Rows, Predictions]]:
    """Predict the rows, by as few calls as the model takes; those that it has no prediction for are refused."""
    while rows.lines:
        try:
            answer = version.predict(rows.instances)
        except InvalidInputError as error:
            rows.refuse(error.faults)
        except TooLargeError as error:
            yield from _predicted_halves(version, rows, error)
            return
        else:
            yield rows, answer
            return


def _predicted_halves(version: LoadedVersion, rows: Rows, error: TooLargeError) -> Iterator[tuple[Rows, Predictions]]:
    """Predict fewer rows at a time: texts have another length in each."""
    total = len(rows.lines)
    if total == 1:
        rows.refuse([Fault((0,), str(error), "too_large")])
        return
    for part in (rows.part(0, total // 2), rows.part(total // 2, total)):
        yield from predicted_parts(version, part)
        rows.faults += part.faults


@dataclass(slots=True)
class _Work:
    """The results of the rows so far, in their order; `found` are predictions that are not stored yet."""

    batch: Batch
    plan: Plan
    version: LoadedVersion
    done: int = 0
    refused: int = 0
    parts: list[bytes] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    found: list[StoredPrediction] = field(default_factory=list)
    id_digests: list[bytes] = field(default_factory=list)
    truths: list[bytes] = field(default_factory=list)

    def add(self, rows: Rows) -> None:
        """Predict rows and take their results; those that the model has no prediction for are refused."""
        for part, answer in predicted_parts(self.version, rows):
            self._take(part, answer)
        self.faults += sorted(rows.faults, key=lambda one: int(one.loc[0]))
        self.refused += len({one.loc[0] for one in rows.faults})

    def _take(self, rows: Rows, answer: Predictions) -> None:
        self.done += len(rows.lines)
        if self.batch.output == "csv":
            self.parts.append(csv_lines(rows, answer.predictions, answer.warnings))
        else:
            self.parts.append(json_lines(self.plan, rows, answer.predictions, answer.warnings))
        if rows.truths is not None:
            self.truths.append(truth_lines(answer.predictions, rows.truths))
        if self.plan.has_lookup(self.batch) and rows.ids is not None:
            self.id_digests += map(_digest, rows.ids)
            several = zip(rows.ids, rows.lines, answer.predictions, answer.warnings, strict=True)
            self.found += (
                StoredPrediction(one, line, prediction, tuple(warning.to_dict() for warning in warnings))
                for one, line, prediction, warnings in several
            )


def _digest(value: str) -> bytes:
    return hashlib.blake2b(value.encode(), digest_size=ID_DIGEST_BYTES).digest()
