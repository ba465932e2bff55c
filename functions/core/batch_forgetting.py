"""Removal of a person's rows from the batches of a model: from their files, their results and their stored predictions.

A file with such a row goes as a whole, a result without that row takes the place of the other. What is removed is gone
at once, older versions of the objects too.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from functions.core.batch_keys import BATCHES_PREFIX, converted_key, folder_of, parquet_key
from functions.core.batch_record import Batch
from functions.core.batches import Batches
from functions.core.cell_values import id_text
from functions.core.definition import Definition
from functions.core.errors import ConflictError, ObjectNotFoundError
from functions.core.long_cells import csv_reader
from functions.core.lookups import PredictionStore
from functions.core.spelling import model_column
from functions.core.storage import Storage
from functions.core.uploads import SCHEDULED_PREFIX, TO_PREDICT_PREFIX

COMPRESSION = 1
TABLE = ".parquet"
ROWS = ["in", "rows.jsonl"]
NOTICE = "_retry-"
"""The beginning of the names of files without rows."""


@dataclass(frozen=True, slots=True)
class FoundInBatches:
    """What the batches of a model hold of a person, and what cannot be searched.

    `inputs` and `parts` have the number of the rows by the key of a file and of a result, `unread` the keys of files
    that cannot be searched. `stored` are the batches with a stored prediction, `errors` the keys of reports that may
    quote such a row, `digests` those of its id's digest, `truths` those of its true value with the prediction.
    `scheduled` has the rows in files that are predicted again and again, which whoever makes them must leave out.
    `blocking` are batches that go on and have such rows.
    """

    inputs: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    stored: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    truths: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    scheduled: Mapping[str, int] = field(default_factory=dict)
    blocking: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.inputs or self.parts or self.stored)


class BatchForgetting:
    """Removal of the rows with the id `value` from the batches of one model. A removal that dies is ended by the next.

    `rows_in_file` counts the person's rows in a file of that name; None if rows of it cannot be searched. `write_table`
    writes the Parquet file of a batch again, from its parts.
    """

    def __init__(
        self,
        records: Storage,
        files: Storage,
        store: PredictionStore | None,
        definition: Definition,
        value: str,
        rows_in_file: Callable[[bytes, str], int | None],
        write_table: Callable[[Batch], None],
    ) -> None:
        self._batches = Batches(records, files)
        self._files = files
        self._store = store
        self._definition = definition
        self._model = definition.name
        self._value = value
        self._rows_in_file = rows_in_file
        self._write_table = write_table

    def plan(self) -> FoundInBatches:
        """Search everything, and change nothing."""
        batches = self._batches.newest_first(self._model).entries
        sent, scheduled = self._sent(TO_PREDICT_PREFIX), self._sent(SCHEDULED_PREFIX)
        # a converted file before the one that it was made of, by which it is found
        counts = {**self._made(batches, sent), **sent}
        parts = {batch.batch: self._parts_of(batch) for batch in batches}
        concerned = [batch for batch in batches if parts[batch.batch] or counts.get(batch.input)]
        return FoundInBatches(
            inputs={key: count for key, count in counts.items() if count},
            parts={key: count for found in parts.values() for key, count in found.items()},
            stored=tuple(batch.batch for batch in batches if self._is_stored(batch)),
            errors=tuple(key for batch in batches for key in self._errors_of(batch, counts, parts[batch.batch])),
            digests=tuple(key for batch in concerned for key in self._of_the_end(batch, counts, "ids")),
            truths=tuple(key for batch in concerned for key in self._of_the_end(batch, counts, "truths")),
            unread=tuple(key for key, count in {**counts, **scheduled}.items() if count is None),
            scheduled={key: count for key, count in scheduled.items() if count},
            blocking=tuple(batch.batch for batch in batches if not batch.is_finished and counts.get(batch.input)),
        )

    def carry_out(self, found: FoundInBatches) -> None:
        """Remove what was found, and end what an earlier run began. Raises ConflictError if a batch is in the way."""
        if found.blocking:
            raise ConflictError(f"batches that go on have these rows: {', '.join(found.blocking)}; run again later")
        # what is found by a result goes before it, and what is found by a file before the file: a run that dies finds
        # the rest again
        self._delete(*found.digests, *found.truths, *found.errors)
        for batch in self._batches.newest_first(self._model).entries:
            self._replace_parts(batch, self._parts_of(batch))
        if self._store is not None:
            for batch_name in found.stored:
                self._store.remove(self._model, batch_name, [self._value])
        self._delete(*found.inputs)
        for prefix in (TO_PREDICT_PREFIX, BATCHES_PREFIX):
            self._files.erase_past(f"{prefix}/{self._model}/")

    def _replace_parts(self, batch: Batch, keys: Iterable[str]) -> None:
        for key in keys:
            # a table of all parts before any of them, which tell of the row
            self._delete(*self._tables_of(batch))
            self._files.write(key, self._without(batch, key))
        # also one whose removal died before the table was there again
        is_lacking = batch.result is not None and parquet_key(batch) in batch.result.parts
        if is_lacking and self._part_keys(batch) and not self._tables_of(batch):
            self._write_table(batch)

    def _delete(self, *keys: str) -> None:
        for key in keys:
            self._files.delete(key)

    def _sent(self, prefix: str) -> dict[str, int | None]:
        """The number of the person's rows in each file that was sent."""
        keys = [key for key in self._files.keys(f"{prefix}/{self._model}") if not _is_notice(key)]
        return {key: self._rows_in_file(self._files.read(key).body, key.rpartition("/")[2]) for key in keys}

    def _made(self, batches: Sequence[Batch], sent: Mapping[str, int | None]) -> dict[str, int]:
        """The number of the person's rows in each file that planning made: a JSON line a row.

        Rows without ids are those of the file that was sent.
        """
        made = {converted_key(batch): batch for batch in batches}
        keys = [key for key in self._files.keys(f"{BATCHES_PREFIX}/{self._model}") if key.split("/")[3:] == ROWS]
        rows = {key: self._files.read(key).body.splitlines() for key in keys}
        found = {key: sum(self._value in self._ids_of(made.get(key), row) for row in rows[key]) for key in keys}
        of_file = {key: sent.get(batch.input) or 0 for key, batch in made.items()}
        return {key: count or of_file.get(key, 0) for key, count in found.items()}

    def _part_keys(self, batch: Batch) -> list[str]:
        return [key for key in self._files.keys(f"{folder_of(batch)}/out") if not key.endswith(TABLE)]

    def _tables_of(self, batch: Batch) -> list[str]:
        return [key for key in self._files.keys(f"{folder_of(batch)}/out") if key.endswith(TABLE)]

    def _parts_of(self, batch: Batch) -> dict[str, int]:
        """The number of the person's rows in each result with some. A Parquet file has the rows of all others."""
        keys = self._part_keys(batch) if self._has_ids(batch) or batch.keep_columns else []
        rows = {key: self._rows(batch, key) for key in keys}
        counts = {key: len(rows[key]) - len(self._kept(batch, rows[key])) for key in keys}
        return {key: count for key, count in counts.items() if count}

    def _errors_of(self, batch: Batch, inputs: Mapping[str, int | None], parts: Mapping[str, int]) -> list[str]:
        """The reports of a batch that refused such a row: the rows that are in its file and in no result."""
        keys = {batch.input, *([batch.plan.input] if batch.plan else [])}
        sent = max((inputs.get(key) or 0 for key in keys), default=0)
        return self._files.keys(f"{folder_of(batch)}/errors") if sent > sum(parts.values()) else []

    def _of_the_end(self, batch: Batch, inputs: Mapping[str, int | None], folder: str) -> list[str]:
        """The keys of a folder that only the end of a batch reads; none where a retry may bring another end."""
        keeps_file = batch.input in inputs and not inputs[batch.input]
        is_over = batch.result is not None and (batch.result.state == "succeeded" or not keeps_file)
        return self._files.keys(f"{folder_of(batch)}/{folder}") if is_over else []

    def _is_stored(self, batch: Batch) -> bool:
        is_own = batch.lookup and self._has_ids(batch) and self._store is not None
        return is_own and bool(self._store and self._store.read(self._model, batch.batch, [self._value]))

    def _has_ids(self, batch: Batch) -> bool:
        """True if rows of the batch are known by the id of people, and not by another column."""
        return batch.id is not None and self._is_identity(batch.id)

    def _is_identity(self, column: str) -> bool:
        """True for the name of the column of ids as a file may spell it."""
        own = self._definition.schema.id
        return own is not None and model_column(column, self._definition.files, [own]) == own

    def _rows(self, batch: Batch, key: str) -> list[bytes]:
        """The rows of a result, each as it is written."""
        try:
            body = gzip.decompress(self._files.read(key).body)
        except ObjectNotFoundError:
            return []
        return list(_csv_rows(body)) if batch.output == "csv" else body.splitlines(keepends=True)

    def _kept(self, batch: Batch, rows: Sequence[bytes]) -> list[bytes]:
        if batch.output != "csv":
            return [row for row in rows if self._value not in self._ids_of(batch, row)]
        header = batch.plan.output_header if batch.plan is not None else ()
        places = [place for place, name in enumerate(header) if self._is_identity(name)]
        return [row for row in rows if self._value not in _cells(row, places)]

    def _ids_of(self, batch: Batch | None, row: bytes) -> set[str]:
        """The ids of people in a JSON line, of a batch whose record is None if it cannot be read."""
        document = orjson.loads(row)
        columns = document.get("columns") or {}
        kept = {id_text(value) for name, value in columns.items() if self._is_identity(name)}
        return kept | ({id_text(document.get("id"))} if batch is None or self._has_ids(batch) else set())

    def _without(self, batch: Batch, key: str) -> bytes:
        return gzip.compress(b"".join(self._kept(batch, self._rows(batch, key))), COMPRESSION, mtime=0)


def _is_notice(key: str) -> bool:
    return key.rpartition("/")[2].startswith(NOTICE)


def _csv_rows(body: bytes) -> Iterator[bytes]:
    """The rows of a CSV result, which may have line breaks within quotes."""
    row = b""
    for line in body.splitlines(keepends=True):
        row += line
        if row.count(b'"') % 2 == 0:
            yield row
            row = b""


def _cells(row: bytes, places: Sequence[int]) -> list[str]:
    (cells,) = csv_reader(io.StringIO(row.decode(), newline=""))
    return [cells[place].strip() for place in places if place < len(cells)]
