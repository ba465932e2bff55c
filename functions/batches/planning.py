"""Planning of a batch: the version that predicts it, the form of its file, and the shards.

The record decides: the plan is written into it first, by compare-and-swap, and the shards follow from the plan and the
file. So of two planners one makes the plan, and both write the same shards.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from functions.batches.cutting import ReadRange, shards_of
from functions.batches.parts import compressed, flat_header, header_line, kept_names
from functions.batches.plain_file import NotPlainError, PlainFile, plain_file, plain_text
from functions.batches.rows import Rows, sent_columns, sound_objects
from functions.batches.shard_run import ChangedInputError, predicted_parts, reader_of, require_unchanged
from functions.core.batch_keys import converted_key, part_key
from functions.core.batch_record import Batch, Converted, Plan, Shard
from functions.core.batches import Batches
from functions.core.clock import now
from functions.core.definition import Definition, FileSettings
from functions.core.errors import Fault, InvalidInputError, NotReadyError, ObjectNotFoundError
from functions.core.lookups import MOST_LOOKUP_ROWS
from functions.core.registry import Registry
from functions.core.schema import Schema
from functions.core.spelling import column_in_file, model_column
from functions.core.storage import Storage
from functions.serving.version import LoadedVersion

logger = logging.getLogger(__name__)
HEAD_BYTES = 256_000
CONVERTED = PlainFile("converted", (), start=0, line=1)
SHARD_SECONDS = 30.0
MOST_SHARD_ROWS = 50_000
MOST_SHARD_BYTES = 32_000_000
MEASURED_SECONDS = 0.2
FEWEST_MEASURED = 8


@dataclass(frozen=True, slots=True)
class Planner:
    """A planner of batches, from the records of a registry and their files."""

    batches: Batches
    registry: Registry
    files: Storage

    def plan(self, batch: Batch, definition: Definition, *, version: int | None = None) -> Batch | None:
        """Plan the batch as `planned` does; None if its file is not plain, and must be converted first."""
        try:
            return self.planned(batch, definition, version=version)
        except NotPlainError as error:
            logger.info("batch %s of %s: the file is not plain: %s", batch.batch, batch.model, error)
            return None

    def planned(self, batch: Batch, definition: Definition, *, version: int | None = None) -> Batch:
        """Plan the batch and return its record.

        `version` is the one in production unless it is given; rows that were converted are predicted by the version
        for which they were read. A batch that is planned, cancelled or finished keeps its plan. Raises NotPlainError,
        InvalidInputError for a file that cannot be predicted, NotReadyError while no version serves.
        """
        if batch.is_finished or batch.cancelled is not None:
            return batch
        if batch.plan is not None:
            self._complete(batch, batch.plan)
            return batch
        converted = self.batches.converted(batch)
        if converted is not None:
            return self._converted(batch, converted)
        loaded = LoadedVersion.load(self.registry, definition.name, version or self._in_production(definition))
        return self._plan(batch, definition, loaded)

    def _converted(self, batch: Batch, converted: Converted) -> Batch:
        loaded = LoadedVersion.load(self.registry, batch.model, converted.version)
        key = converted_key(batch)
        revision = self._revision(key)
        read = partial(self.files.read_range, key)
        size = self._size_bytes(key)
        if not size:
            raise _refusal("the file has no row")
        head = read(0, HEAD_BYTES)
        sample = head[: head.rfind(b"\n") + 1]
        drafted = replace(
            _draft(batch, key, CONVERTED, loaded, FileSettings()),
            id=converted.id,
            notes=converted.notes,
            revision=revision,
        )
        chunks = list(reader_of(batch, drafted, loaded).chunks(sample, CONVERTED.line))
        return self._record(batch, _completed(batch, drafted, loaded, sample, chunks), read, size)

    def _plan(self, batch: Batch, definition: Definition, loaded: LoadedVersion) -> Batch:
        if batch.measure:
            raise NotPlainError("it is measured, and only the rules for training files read true values")
        key = batch.input
        revision = self._revision(key)
        read = partial(self.files.read_range, key)
        size = self._size_bytes(key)
        if not size:
            raise _refusal("the file is empty")
        files = definition.files
        head = read(0, HEAD_BYTES)
        schema = loaded.manifest.schema
        file = plain_file(head, key.rpartition("/")[2], schema, files)
        sample = head[file.start :] if len(head) == size else head[file.start : head.rfind(b"\n") + 1]
        plain_text(sample)
        drafted = _with_own_id(batch, _draft(batch, key, file, loaded, files), schema, sample)
        drafted = replace(drafted, revision=revision)
        chunks = list(reader_of(batch, drafted, loaded).chunks(sample, file.line))
        if any(rows.is_foreign for rows in chunks):
            raise NotPlainError("it has numbers that only the rules for training files read")
        if len(head) == size and not chunks:
            raise _refusal("the file has no row")
        return self._record(batch, _completed(batch, drafted, loaded, sample, chunks), read, size)

    def _record(self, batch: Batch, drafted: Plan, read: ReadRange, size: int) -> Batch:
        shards = tuple(shards_of(read, drafted, size))
        require_unchanged(self.files, drafted)
        rows = sum(shard.lines for shard in shards)
        if not rows:
            raise _refusal("the file has no row")
        no_lookup = f"{rows} rows are more than {MOST_LOOKUP_ROWS}" if rows > MOST_LOOKUP_ROWS else None
        plan = replace(drafted, rows=rows, shards=len(shards), no_lookup=no_lookup)

        def decided(one: Batch) -> Batch:
            return one if one.plan is not None or one.cancelled is not None else replace(one, plan=plan)

        self.batches.note_version(batch, plan.version)
        planned = self.batches.change(batch.model, batch.batch, decided)
        if planned.plan == plan:
            self._write(planned, plan, shards)
        elif planned.plan is not None:
            self._complete(planned, planned.plan)
        return planned

    def _complete(self, batch: Batch, plan: Plan) -> None:
        """Write the shards of a plan whose planner ended before it had written them."""
        if not self.batches.has_shards(batch):
            read = partial(self.files.read_range, plan.input)
            shards = tuple(shards_of(read, plan, self._size_bytes(plan.input)))
            require_unchanged(self.files, plan)
            if len(shards) != plan.shards:  # plans of older releases have no revision
                raise ChangedInputError
            self._write(batch, plan, shards)

    def _write(self, batch: Batch, plan: Plan, shards: Sequence[Shard]) -> None:
        if batch.output == "csv":
            self.files.write(part_key(batch, 0), compressed(header_line(plan.output_header)))
        self.batches.write_shards(batch, shards)

    def _in_production(self, definition: Definition) -> int:
        production = self.registry.pointer(definition.name).production
        if production is None:
            raise NotReadyError(f"{definition.name} has no version in production yet")
        return production.version

    def _size_bytes(self, key: str) -> int:
        with _present():
            return self.files.size_bytes(key)

    def _revision(self, key: str) -> str:
        with _present():
            return self.files.revision(key)


@contextmanager
def _present() -> Iterator[None]:
    """Refuse a file that is not there."""
    try:
        yield
    except ObjectNotFoundError:
        raise _refusal("the file was removed before it was read", "missing") from None


def needs_ids(batch: Batch) -> bool:
    """True for a batch whose rows are looked up because somebody asked for it: without ids, its file is refused."""
    return batch.lookup and batch.is_lookup_asked


def _id_name(batch: Batch, file: PlainFile, files: FileSettings, schema: Schema) -> str | None:
    """The column of ids, in either spelling; None if the file lacks the model's own one, and nobody needs it."""
    if batch.id is None or file.form != "csv":
        return batch.id
    names = {model_column(name, files, schema.column_names) for name in file.header}
    found = column_in_file(batch.id, names, files, schema.column_names)
    if found is None and (needs_ids(batch) or batch.id != schema.id):
        raise InvalidInputError(
            [Fault(("file", batch.id), "the file has no such column, by which rows are known", "missing")]
        )
    return found


def _draft(batch: Batch, key: str, file: PlainFile, loaded: LoadedVersion, files: FileSettings) -> Plan:
    return Plan(
        version=loaded.manifest.version,
        time=now(),
        input=key,
        form=file.form,
        header=file.header,
        start=file.start,
        line=file.line,
        files=files,
        shard_bytes=MOST_SHARD_BYTES,
        rows=0,
        shards=0,
        id=_id_name(batch, file, files, loaded.manifest.schema),
        kept=kept_names(file.header) if batch.keep_columns else (),
    )


def _with_own_id(batch: Batch, drafted: Plan, schema: Schema, sample: bytes) -> Plan:
    """The plan with the column of ids as the model spells what the first rows of JSON Lines have, in either spelling.

    It has none if no such row has it, and nobody needs it.
    """
    if drafted.form != "jsonl" or batch.id is None:
        return drafted
    sent = {name for instance in sound_objects(sample) for name in instance}
    names = {model_column(name, drafted.files, schema.column_names) for name in sent}
    found = column_in_file(batch.id, names, drafted.files, schema.column_names)
    usual = model_column(batch.id, drafted.files, schema.column_names)
    return replace(drafted, id=found or (usual if needs_ids(batch) else None))


def _completed(batch: Batch, drafted: Plan, loaded: LoadedVersion, sample: bytes, chunks: Sequence[Rows]) -> Plan:
    """The plan with what its first rows show: the columns of the output, and the size of the shards."""
    example = dict(loaded.manifest.example)
    prediction = next(iter(loaded.predict(loaded.validate([example])).predictions))
    kept = drafted.kept
    if batch.keep_columns and drafted.form != "csv":
        sent = sound_objects(sample) if drafted.form == "jsonl" else sent_columns(sample)
        kept = tuple(dict.fromkeys(name for instance in sent for name in instance))
    header = () if batch.output == "jsonl" else flat_header(kept, drafted.id, prediction)
    return replace(drafted, kept=kept, output_header=header, shard_bytes=_shard_bytes(loaded, sample, chunks))


def _shard_bytes(loaded: LoadedVersion, sample: bytes, chunks: Sequence[Rows]) -> int:
    """The bytes of a shard of SHARD_SECONDS, by the speed of the first rows, or that of the model's own example."""
    if not chunks:
        return MOST_SHARD_BYTES
    example = Rows([0], loaded.validate([dict(loaded.manifest.example)]).table)
    measured = (_seconds_a_row(loaded, rows) for rows in (*chunks, example))
    seconds = next((one for one in measured if one is not None), 0.0)
    wanted = min(MOST_SHARD_ROWS, max(1, int(SHARD_SECONDS / max(seconds, 1e-6))))
    return max(1, min(MOST_SHARD_BYTES, wanted * len(sample) // max(1, sample.count(b"\n"))))


def _seconds_a_row(loaded: LoadedVersion, rows: Rows) -> float | None:
    """The time that a worker takes to predict a row, by as few as give a time; None if all of them are refused."""
    count = FEWEST_MEASURED
    while True:
        part = rows.part(0, count)
        started = time.perf_counter()
        done = sum(len(one.lines) for one, _ in predicted_parts(loaded, part))
        seconds = time.perf_counter() - started
        # a model refuses rows far faster than it predicts others
        if (done and seconds >= MEASURED_SECONDS) or count >= len(rows.lines):
            return seconds / done if done else None
        count *= 2


def _refusal(text: str, kind: str = "too_short") -> InvalidInputError:
    return InvalidInputError([Fault(("file",), text, kind)])
