"""The work on one shard: read, check and predict its rows, write its files, and then its marker."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.batches.parts import compressed, csv_lines, error_lines, json_lines
from functions.batches.rows import Rows, ShardReader
from functions.core.batches import Batch, Batches, Plan, Shard, ShardResult, errors_key, ids_key, part_key
from functions.core.errors import Fault, InvalidInputError, TooLargeError
from functions.core.lookups import PredictionStore, StoredPrediction
from functions.core.storage import Storage
from functions.predictors.predictions import Prediction
from functions.serving.version import LoadedVersion

ID_DIGEST_BYTES = 8
"""Among a hundred million ids, the chance that two different ones have the same digest is one in 3000."""


class CancelledError(Exception):
    """The batch was cancelled while the shard ran."""


@dataclass(frozen=True, slots=True)
class ShardRunner:
    """A worker on shards. `files` holds inputs and results, `store` takes predictions to look up."""

    batches: Batches
    files: Storage
    store: PredictionStore | None = None

    def run(self, batch: Batch, plan: Plan, shard: Shard, version: LoadedVersion) -> ShardResult:
        """Predict a shard. Run twice, it writes the same objects. Raises CancelledError, StorageError."""
        started = time.monotonic()
        body = self.files.read_range(plan.input, shard.start, shard.end)
        work = _Work(batch, plan, version)
        for rows in ShardReader(batch, plan, version).chunks(body, shard.line):
            self._require_wanted(batch)
            work.add(rows)
        self._write(work, shard)
        result = ShardResult(shard.number, work.done, len(work.refused_lines), round(time.monotonic() - started, 3))
        self.batches.write_marker(batch, result)
        return result

    def _write(self, work: _Work, shard: Shard) -> None:
        batch = work.batch
        if work.faults:
            self.files.write(errors_key(batch, shard.number), compressed(error_lines(work.faults)))
        self.files.write(part_key(batch, shard.number), compressed(b"".join(work.parts)))
        if batch.lookup:
            self.files.write(ids_key(batch, shard.number), b"".join(work.id_digests))
            if self.store is not None:
                self.store.write(batch.model, batch.batch, work.stored)

    def _require_wanted(self, batch: Batch) -> None:
        if self.batches.read(batch.model, batch.batch).cancelled is not None:
            raise CancelledError(f"batch {batch.batch} of {batch.model} was cancelled")


@dataclass(slots=True)
class _Work:
    """The results of the rows so far, in their order."""

    batch: Batch
    plan: Plan
    version: LoadedVersion
    done: int = 0
    parts: list[bytes] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    refused_lines: set[int] = field(default_factory=set)
    stored: list[StoredPrediction] = field(default_factory=list)
    id_digests: list[bytes] = field(default_factory=list)

    def add(self, rows: Rows) -> None:
        """Predict rows and take their results; those that the model has no prediction for are refused."""
        if self.batch.lookup and rows.ids is not None:
            rows.refuse(
                [
                    Fault((row, str(self.batch.id)), "no id, by which it would be looked up", "missing")
                    for row, one in enumerate(rows.ids)
                    if one is None
                ]
            )
        self._predict(rows)
        self.faults += sorted(rows.faults, key=lambda one: int(one.loc[0]))
        self.refused_lines.update(int(one.loc[0]) for one in rows.faults)

    def _predict(self, rows: Rows) -> None:
        while rows.lines:
            try:
                found = self.version.predict(rows.instances)
                predictions: Sequence[Prediction] = list(found.predictions)
            except InvalidInputError as error:
                rows.refuse(error.faults)
            except TooLargeError as error:
                self._predict_in_halves(rows, error)
                return
            else:
                self._take(rows, predictions, found.warnings)
                return

    def _predict_in_halves(self, rows: Rows, error: TooLargeError) -> None:
        """Predict fewer rows at a time: texts have another length in each."""
        total = len(rows.lines)
        if total == 1:
            rows.refuse([Fault((0,), str(error), "too_large")])
            return
        for part in (rows.part(0, total // 2), rows.part(total // 2, total)):
            self._predict(part)
            rows.faults += part.faults

    def _take(self, rows: Rows, predictions: Sequence[Prediction], warnings: Sequence[Sequence[Fault]]) -> None:
        batch = self.batch
        self.done += len(rows.lines)
        if batch.output == "csv":
            self.parts.append(csv_lines(self.plan.output_header, rows, predictions, warnings))
        else:
            self.parts.append(json_lines(rows, predictions, warnings))
        if batch.lookup and rows.ids is not None:
            self._store(rows, predictions, warnings)

    def _store(self, rows: Rows, predictions: Sequence[Prediction], warnings: Sequence[Sequence[Fault]]) -> None:
        ids = [one for one in rows.ids or () if one is not None]
        self.id_digests += [_digest(one) for one in ids]
        self.stored += [
            StoredPrediction(one, line, prediction, tuple(warning.to_dict() for warning in found))
            for one, line, prediction, found in zip(ids, rows.lines, predictions, warnings, strict=True)
        ]


def _digest(value: str) -> bytes:
    return hashlib.blake2b(value.encode(errors="surrogatepass"), digest_size=ID_DIGEST_BYTES).digest()
