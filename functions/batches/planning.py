"""Planning of a batch: the version that predicts it, the form of its file, and the shards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from functions.batches.cutting import NotPlainError, ReadRange, cut
from functions.batches.parts import compressed, csv_header, header_line
from functions.batches.plain_file import PlainFile, plain_file
from functions.batches.rows import ShardReader
from functions.core.batches import Batch, Batches, Plan, Shard, part_key
from functions.core.clock import now
from functions.core.definition import Definition, FileSettings
from functions.core.errors import Fault, InvalidInputError, NotReadyError, ObjectNotFoundError, TooLargeError
from functions.core.registry import Registry
from functions.core.spelling import column_name
from functions.core.storage import Storage
from functions.serving.version import LoadedVersion

HEAD_BYTES = 256_000
SHARD_SECONDS = 30.0
MOST_SHARD_ROWS = 50_000
MOST_SHARD_BYTES = 32_000_000
MEASURED_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Planner:
    """A planner of batches, from the records of a registry and their files."""

    batches: Batches
    registry: Registry
    files: Storage

    def plan(
        self, batch: Batch, definition: Definition, *, version: int | None = None, plain_input: str | None = None
    ) -> Batch | None:
        """Plan the batch and return its record; None if its file is not plain, and must be brought to that form first.

        `version` is the one in production unless it is given; `plain_input` is the key of a file that was made plain. A
        batch that is planned, cancelled or finished is left as it is. Raises InvalidInputError for a file that cannot
        be predicted, NotReadyError while no version serves.
        """
        if batch.plan is not None or batch.is_finished or batch.cancelled is not None:
            return batch
        loaded = LoadedVersion.load(self.registry, definition.name, version or self._in_production(definition))
        key = plain_input or batch.input
        read = partial(self.files.read_range, key)
        size = self._size_bytes(key)
        file = plain_file(read(0, HEAD_BYTES), key.rpartition("/")[2], loaded.manifest.schema, definition.files)
        if file is None or not (plain_input or _is_read_as_written(definition.files)):
            return None
        _require_id(batch, file, definition.files)
        sample = _sample(read, file, size)
        drafted = _draft(batch, key, file, loaded, definition.files)
        measured = _measured(batch, drafted, file, sample, loaded)
        if measured is None and plain_input is None:
            return None
        try:
            shards = tuple(cut(read, file, size_bytes=size, shard_bytes=measured or MOST_SHARD_BYTES))
        except NotPlainError:
            return None
        return self._record(batch, drafted, shards)

    def _record(self, batch: Batch, drafted: Plan, shards: Sequence[Shard]) -> Batch:
        rows = sum(shard.lines for shard in shards)
        if not rows:
            raise _refusal("the file has no row")
        if batch.output == "csv":
            self.files.write(part_key(batch, 0), compressed(header_line(drafted.output_header)))
        self.batches.write_shards(batch, shards)
        self.batches.note_version(batch, drafted.version)
        plan = replace(drafted, rows=rows, shards=len(shards))
        return self.batches.change(
            batch.model, batch.batch, lambda one: one if one.plan is not None else replace(one, plan=plan)
        )

    def _in_production(self, definition: Definition) -> int:
        production = self.registry.pointer(definition.name).production
        if production is None:
            raise NotReadyError(f"{definition.name} has no version in production yet")
        return production.version

    def _size_bytes(self, key: str) -> int:
        try:
            return self.files.size_bytes(key)
        except ObjectNotFoundError:
            raise _refusal("the file was removed before it was read", "missing") from None


def _is_read_as_written(files: FileSettings) -> bool:
    """False for dates in another order than ISO 8601's, and for columns that are joined: the other reader has those."""
    return not files.date_order and not files.join


def _require_id(batch: Batch, file: PlainFile, files: FileSettings) -> None:
    names = [column_name(name, files) for name in file.header]
    if batch.id is not None and names and batch.id not in names:
        raise InvalidInputError(
            [Fault(("file", batch.id), "the file has no such column, by which rows are known", "missing")]
        )


def _sample(read: ReadRange, file: PlainFile, size_bytes: int) -> bytes:
    """The whole lines at the beginning of the rows."""
    body = read(file.start, file.start + HEAD_BYTES)
    return body if file.start + len(body) >= size_bytes else body[: body.rfind(b"\n") + 1]


def _draft(batch: Batch, key: str, file: PlainFile, loaded: LoadedVersion, files: FileSettings) -> Plan:
    example = dict(loaded.manifest.example)
    prediction = next(iter(loaded.predict(loaded.validate([example])).predictions))
    kept = file.header if batch.keep_columns else ()
    return Plan(
        version=loaded.manifest.version,
        time=now(),
        input=key,
        form=file.form,
        header=file.header,
        files=files,
        rows=0,
        shards=0,
        output_header=csv_header(kept, batch.id, prediction) if batch.output == "csv" else (),
    )


def _measured(batch: Batch, drafted: Plan, file: PlainFile, sample: bytes, loaded: LoadedVersion) -> int | None:
    """The bytes of a shard of SHARD_SECONDS, by the speed of the first rows; None if none of them is sound."""
    rows = next(ShardReader(batch, drafted, loaded).chunks(sample, file.line), None)
    if rows is None or not rows.lines:
        return None
    count, seconds = 4, 0.0
    while seconds < MEASURED_SECONDS and count < len(rows.lines) * 2:
        count *= 2
        started = time.perf_counter()
        with suppress(InvalidInputError, TooLargeError):
            loaded.predict(rows.part(0, count).instances)
        seconds = time.perf_counter() - started
    wanted = min(MOST_SHARD_ROWS, max(1, int(SHARD_SECONDS * min(count, len(rows.lines)) / max(seconds, 1e-6))))
    total = max(1, sample.count(b"\n"))
    return max(1, min(MOST_SHARD_BYTES, wanted * len(sample) // total))


def _refusal(text: str, kind: str = "too_short") -> InvalidInputError:
    return InvalidInputError([Fault(("file",), text, kind)])
