"""Batches: files of rows to predict. One record each, changed only by compare-and-swap; the work leaves markers.

    models/<model>/batches/<batch>/manifest.json   the record: what was asked, the plan with its version, the result
    models/<model>/batches/<batch>/shards.json     the shards, an array: what a runner hands out one by one
    models/<model>/times/batches/...               the time of each batch, and of those of one version in batches-of-<n>
    to-predict/<model>/batches/<batch>/<file>      the file that the batch waits for
    batches/<model>/<batch>/in/rows.jsonl          the rows of a file that is not plain, and conversion.json after them
    batches/<model>/<batch>/out/part-00012...      the predictions of a shard
    batches/<model>/<batch>/errors/part-00012...   its refused rows
    batches/<model>/<batch>/ids/00012              the digests of its ids
    batches/<model>/<batch>/truths/part-00012...   its predictions with their true values, of a batch that is measured
    batches/<model>/<batch>/done/00012.json        its marker, written last
    batches/<model>/<batch>/metrics.json           the metrics of a batch that is measured

The keys of a shard follow from its number, so a shard that runs twice leaves the same objects. What a batch has done is
read from its markers, never from the runner.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Literal, get_args

import orjson

from functions.core.clock import now
from functions.core.definition import FileSettings, Output
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
BatchState = Literal["waiting", "planned", "running", "succeeded", "partial", "failed", "cancelled"]
OUTPUTS: tuple[Output, ...] = get_args(Output)
PlainForm = Literal["csv", "jsonl", "converted"]
BATCH_ID = re.compile(r"[0-9a-f]{32}")
BATCHES_PREFIX = "batches"
TIMES = "batches"
"""The kind of the notes of times."""
CHANGES_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Shard:
    """Bytes `start` to `end` (exclusive) of the input: whole rows, the first of them in `line` of the file.

    Numbers count from 1: part 0 of a CSV output is its header.
    Lines are those of a spreadsheet: the header is line 1, and a quoted line break does not end a line. `lines` is
    their number in the shard, empty ones among them.
    """

    number: int
    start: int
    end: int
    line: int
    lines: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The decisions of planning: the version that predicts, and the plain file that it reads.

    `header` are the columns of a CSV file, as it spells them, and empty for JSON Lines. The first row begins at byte
    `start`, in `line`. `files` are the settings by which cells become values. The shards have `shard_bytes` or a little
    more; they follow from that and the file. `rows` is the number of lines after the header, empty ones among them.
    `id` is the column of ids by the name that the model would have for it, None if the file has none.
    `kept` are the names of the columns that go with the predictions, `output_header` the columns of a CSV output.
    `no_lookup` is the reason why no prediction can be looked up, though it was asked for.
    """

    version: int
    time: str
    input: str
    form: PlainForm
    header: tuple[str, ...]
    start: int
    line: int
    files: FileSettings
    shard_bytes: int
    rows: int
    shards: int
    id: str | None = None
    kept: tuple[str, ...] = ()
    output_header: tuple[str, ...] = ()
    no_lookup: str | None = None
    notes: tuple[str, ...] = ()

    def has_lookup(self, batch: Batch) -> bool:
        """True if the predictions of the batch go to the store."""
        return batch.lookup and self.id is not None and self.no_lookup is None


@dataclass(frozen=True, slots=True)
class Converted:
    """The record of a conversion: the version for which the rows were read, and the changes made to the file.

    `id` is the column of ids; None if the file has none, and nobody needs it.
    """

    version: int
    notes: tuple[str, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ShardResult:
    """The marker of a shard: the rows that were predicted, those that were refused, and the seconds it took."""

    number: int
    done: int
    refused: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The end of a batch. `lookup` is None if its predictions can be looked up by id, else the reason why not."""

    state: BatchState
    time: str
    done: int
    refused: int
    seconds: float
    reason: str | None = None
    no_lookup: str | None = None
    parts: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    metrics: Mapping[str, float | None] | None = None


@dataclass(frozen=True, slots=True)
class Retried:
    """The beginning of the last attempt, and the number of shards that were done before it."""

    time: str
    shards: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The record of a batch. `input` is the key of the file that was sent; `id` names the column of ids, if any.

    `keep_columns` puts every column that was sent beside the predictions; `measure` computes metrics where the file has
    the target. Without `is_lookup_asked` a file without ids is predicted all the same, and has no lookups. `attempt`
    counts from 1 and grows with each retry. `faults` are those of the file as a whole.
    """

    batch: str
    model: str
    input: str
    output: Output
    id: str | None
    lookup: bool
    actor: str
    fingerprint: str
    created: str
    updated: str
    keep_columns: bool = False
    measure: bool = False
    is_lookup_asked: bool = True
    attempt: int = 1
    retried: Retried | None = None
    cancelled: str | None = None
    plan: Plan | None = None
    result: BatchResult | None = None
    faults: tuple[Mapping[str, Any], ...] = ()

    @property
    def needs_completion(self) -> bool:
        """True if something is made of all shards together: one Parquet file, or metrics."""
        return self.output == "parquet" or self.measure

    @property
    def is_finished(self) -> bool:
        """True after the end, also of a batch that was cancelled before it was planned: nobody works on it."""
        return self.result is not None or (self.cancelled is not None and self.plan is None)

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    def tried_again(self) -> Batch:
        """The next attempt at a batch that ended without all results; any other stays as it is."""
        if self.result is None or self.result.state == "succeeded":
            return self
        return replace(self, attempt=self.attempt + 1, result=None, cancelled=None)

    def state(self, markers: int) -> BatchState:
        """The state of a batch that has so many markers."""
        if self.result is not None:
            return self.result.state
        if self.cancelled is not None:
            return "cancelled"
        if self.plan is None:
            return "waiting"
        return "running" if markers else "planned"


class Batches:
    """The records of batches in a registry, and the markers beside their results."""

    def __init__(self, records: Storage, files: Storage) -> None:
        """`records` is the storage of the registry, `files` the one of inputs, markers and results."""
        self._records = records
        self.files = files

    def create(self, batch: Batch) -> tuple[Batch, bool]:
        """Write a new record and return it with True, or return the existing record with False."""
        try:
            self._records.create(_record_key(batch.model, batch.batch), batch.to_json())
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
        self._records.delete(_record_key(batch.model, batch.batch))

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
                self._records.replace(_record_key(model, batch), wanted.to_json(), etag)
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
        self.files.write(_marker_key(batch, result.number), orjson.dumps(asdict(result)))

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
        return is_object(self.files, _marker_key(batch, number))

    def results(self, batch: Batch) -> list[ShardResult]:
        """The markers, in the order of the shards."""
        return in_threads(partial(self._marker, batch), self.done_numbers(batch))

    def _marker(self, batch: Batch, number: int) -> ShardResult:
        key = _marker_key(batch, number)
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
        key = _record_key(model, batch)
        try:
            stored = self._records.read(key)
        except ObjectNotFoundError:
            raise NotFoundError("batch", batch) from None
        return read_record(stored.body, Batch, key), stored.etag


def folder_of(batch: Batch) -> str:
    """The folder of the batch's plain input, results and markers."""
    return f"{BATCHES_PREFIX}/{batch.model}/{batch.batch}"


def shards_key(batch: Batch) -> str:
    return f"models/{batch.model}/batches/{batch.batch}/shards.json"


def part_key(batch: Batch, number: int) -> str:
    """The key of a shard's predictions. Parts of a Parquet batch are JSON Lines until it is finished."""
    form = "csv" if batch.output == "csv" else "jsonl"
    return f"{folder_of(batch)}/out/part-{number:05}.{form}.gz"


def part_keys(batch: Batch, markers: Sequence[ShardResult]) -> tuple[str, ...]:
    """The keys of the predictions of the shards that are done, in the order of their rows."""
    header = [part_key(batch, 0)] if batch.output == "csv" and batch.plan is not None else []
    return (*header, *(part_key(batch, one.number) for one in markers))


def error_keys(batch: Batch, markers: Sequence[ShardResult]) -> tuple[str, ...]:
    """The keys of the refused rows of the shards that are done and have some."""
    return tuple(errors_key(batch, one.number) for one in markers if one.refused)


def errors_key(batch: Batch, number: int) -> str:
    """The key of a shard's refused rows."""
    return f"{folder_of(batch)}/errors/part-{number:05}.jsonl.gz"


def ids_key(batch: Batch, number: int) -> str:
    """The key of the digests of a shard's ids."""
    return f"{folder_of(batch)}/ids/{number:05}"


def converted_key(batch: Batch) -> str:
    """The key of the rows of a file that is not plain (functions/core/converted_rows.py)."""
    return f"{folder_of(batch)}/in/rows.jsonl"


def conversion_key(batch: Batch) -> str:
    """The key of what was done to a file that is not plain, written after its rows."""
    return f"{folder_of(batch)}/in/conversion.json"


def parquet_key(batch: Batch) -> str:
    """The key of all predictions of a Parquet batch in one file."""
    return f"{folder_of(batch)}/out/predictions.parquet"


def metrics_key(batch: Batch) -> str:
    """The key of the metrics of a batch that is measured."""
    return f"{folder_of(batch)}/metrics.json"


def truths_key(batch: Batch, number: int) -> str:
    """The key of a shard's predictions with their true values, of a batch that is measured."""
    return f"{folder_of(batch)}/truths/part-{number:05}.jsonl.gz"


def _marker_key(batch: Batch, number: int) -> str:
    return f"{folder_of(batch)}/done/{number:05}.json"


def _times_of(version: int) -> str:
    return f"{TIMES}-of-{version}"


def _record_key(model: str, batch: str) -> str:
    return f"models/{model}/batches/{batch}/manifest.json"
