"""The rows of a shard, in chunks, as columns that are ready to predict. A bad row makes faults and is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, compress, islice
from typing import Any

import orjson

from functions.batches.cells import CellReader
from functions.batches.csv_rows import CellRows, cell_rows
from functions.core.batch_record import Batch, Plan
from functions.core.cell_values import Unreadable, id_text, json_value
from functions.core.column_check import ColumnCheck
from functions.core.converted_rows import ConvertedRow, decoded_rows
from functions.core.errors import Fault, InvalidInputError
from functions.core.instances import CheckedInstances
from functions.core.json_text import TOO_DEEP, is_too_deep, parse_json
from functions.core.lookups import id_fault
from functions.core.schema import Schema, Table
from functions.core.spelling import model_column

Kept = tuple[Sequence[Any], ...]
"""The columns that were sent, as they were sent."""
SURELY_WRITTEN_LEVELS = 200
"""A row of no more lists and objects than this is never nested too deeply, whatever it is like."""


@dataclass(slots=True)
class Rows:
    """Rows as columns. `lines` are their lines in the file, `ids` the texts of their ids ("" for a row without one).

    `kept` are the columns of a CSV file as it has them, or the objects of other files as one column; empty unless the
    batch keeps them. `truths` are the true values by target, of a batch that is measured. Faults are located at
    (line, column). `is_foreign` means that only the rules for training files may read a cell.
    """

    lines: Sequence[int]
    table: Table
    ids: list[str] | None = None
    kept: Kept = ()
    truths: list[Mapping[str, Any]] | None = None
    faults: list[Fault] = field(default_factory=list)
    is_foreign: bool = False

    def refuse(self, faults: Sequence[Fault]) -> None:
        """Leave out the rows of faults that are located at (row, ...), and keep the faults with their lines."""
        self.faults += [Fault((self.lines[int(one.loc[0])], *one.loc[1:]), one.msg, one.type) for one in faults]
        bad = {int(one.loc[0]) for one in faults}
        good = [row not in bad for row in range(len(self.lines))]
        self.lines = list(compress(self.lines, good))
        self.table = {name: list(compress(column, good)) for name, column in self.table.items()}
        self.kept = tuple(list(compress(column, good)) for column in self.kept)
        self.ids = None if self.ids is None else list(compress(self.ids, good))
        self.truths = None if self.truths is None else list(compress(self.truths, good))

    def part(self, start: int, end: int) -> Rows:
        """Some of the rows, without the faults."""
        return Rows(
            self.lines[start:end],
            {name: column[start:end] for name, column in self.table.items()},
            None if self.ids is None else self.ids[start:end],
            tuple(column[start:end] for column in self.kept),
            None if self.truths is None else self.truths[start:end],
        )

    @property
    def instances(self) -> CheckedInstances:
        return CheckedInstances(self.table, len(self.lines), None)


class ShardReader:
    """Reader of the rows of one batch."""

    def __init__(self, batch: Batch, plan: Plan, schema: Schema, chunk_rows: int) -> None:
        """`chunk_rows` is the most rows at a time."""
        self._plan = plan
        self._files = plan.files
        self._features = schema.features
        self._readers = {feature.name: CellReader(feature, plan.files) for feature in self._features}
        self._checks = [ColumnCheck(feature) for feature in self._features]
        self._chunk_rows = chunk_rows
        self._needs_id = plan.has_lookup(batch)
        self._kept = plan.kept
        self._as_columns = batch.output == "csv"
        self._id = plan.id
        self._columns = {*schema.column_names, *([plan.id] if plan.id is not None else [])}
        self._places: dict[str, int] = {}
        for place, name in enumerate(plan.header):
            self._places.setdefault(model_column(name, plan.files, self._columns), place)
        self._measures = batch.measure

    def chunks(self, body: bytes, line: int) -> Iterator[Rows]:
        """The checked rows of a shard whose first row is in `line`, at most `chunk_rows` at a time.

        Rows without any value are counted as lines and left out.
        """
        for rows in self._chunks(body, line):
            self._check(rows)
            if rows.lines or rows.faults:
                yield rows

    def _chunks(self, body: bytes, line: int) -> Iterator[Rows]:
        if self._plan.form == "csv":
            return self._csv_chunks(body, line)
        return self._json_chunks(body, line) if self._plan.form == "jsonl" else self._converted_chunks(body)

    def _check(self, rows: Rows) -> None:
        """Leave out the rows with values that break the schema, or without an id that they need."""
        failing = [check for check in self._checks if not check.passes(rows.table[check.name])]
        broken = [
            _cell_fault(fault, rows.table[check.name])
            for check in failing
            for fault in check.faults(rows.table[check.name])
        ]
        if self._needs_id and rows.ids is not None:
            found = ((row, id_fault(one)) for row, one in enumerate(rows.ids))
            broken += [Fault((row, str(self._id)), *fault) for row, fault in found if fault is not None]
        if broken:
            rows.refuse(broken)
        # a check puts datetimes in the place of texts only in a column that is sound
        for check in failing:
            check.passes(rows.table[check.name])
        rows.faults.sort(key=lambda fault: int(fault.loc[0]))

    def _csv_chunks(self, body: bytes, line: int) -> Iterator[Rows]:
        found = cell_rows(body.decode(), line, len(self._plan.header), self._chunk_rows)
        return map(self._from_cells, found)

    def _from_cells(self, cells: CellRows) -> Rows:
        table: Table = {}
        is_foreign = False
        for feature in self._features:
            place = self._places.get(feature.name)
            if place is None:
                table[feature.name] = [self._files.fill.get(feature.name)] * len(cells.lines)
            else:
                read = self._readers[feature.name].read(cells.columns[place])
                table[feature.name], is_foreign = read.values, is_foreign or read.is_foreign
        ids = None if self._id is None else self._id_cells(cells.columns, self._id)
        kept = tuple(cells.columns) if self._kept else ()
        return Rows(cells.lines, table, ids, kept, faults=cells.faults, is_foreign=is_foreign)

    def _id_cells(self, columns: Sequence[Sequence[str]], name: str) -> list[str]:
        texts = list(map(str.strip, columns[self._places[name]]))
        missing = frozenset(self._files.missing)
        return texts if missing.isdisjoint(texts) else ["" if text in missing else text for text in texts]

    def _json_chunks(self, body: bytes, line: int) -> Iterator[Rows]:
        numbered = ((number, text) for number, text in enumerate(body.split(b"\n"), line) if text.strip())
        while chunk := list(islice(numbered, self._chunk_rows)):
            yield self._from_objects(chunk)

    def _from_objects(self, texts: Sequence[tuple[int, bytes]]) -> Rows:
        lines: list[int] = []
        sent: list[Mapping[str, Any]] = []
        faults: list[Fault] = []
        for line, text in texts:
            try:
                sent.append(_object(text))
            except InvalidInputError as error:
                faults += [_in_line(line, one) for one in error.faults]
            else:
                lines.append(line)
        instances = self._named(sent)
        table: Table = {
            feature.name: [json_value(instance.get(feature.name), feature, self._files) for instance in instances]
            for feature in self._features
        }
        ids = None if self._id is None else [id_text(instance.get(self._id)) for instance in instances]
        return Rows(lines, table, ids, self._kept_of(sent), faults=faults)

    def _converted_chunks(self, body: bytes) -> Iterator[Rows]:
        converted = decoded_rows(body)
        while chunk := list(islice(converted, self._chunk_rows)):
            yield self._from_converted(chunk)

    def _from_converted(self, chunk: Sequence[ConvertedRow]) -> Rows:
        sound = [row for row in chunk if not row.faults]
        return Rows(
            [row.line for row in sound],
            {feature.name: [row.values.get(feature.name) for row in sound] for feature in self._features},
            None if self._id is None else [row.id or "" for row in sound],
            self._kept_of([row.columns or {} for row in sound]),
            [row.targets or {} for row in sound] if self._measures else None,
            [
                Fault((row.line, column) if column else (row.line,), text, kind)
                for row in chunk
                for column, text, kind in row.faults
            ],
        )

    def _kept_of(self, sent: Sequence[Mapping[str, Any]]) -> Kept:
        if not self._kept:
            return ()
        if not self._as_columns:
            return (sent,)
        return tuple([as_cell(instance.get(name)) for instance in sent] for name in self._kept)

    def _named(self, sent: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """The objects with the names of the model for their keys; of two keys that mean one, the first counts."""
        names = {key: model_column(key, self._files, self._columns) for key in set(chain.from_iterable(sent))}
        if all(key == name for key, name in names.items()):
            return sent
        return [{names[key]: value for key, value in reversed(list(instance.items()))} for instance in sent]


def as_cell(value: Any) -> Any:
    """A value of JSON as a cell of CSV."""
    return orjson.dumps(value).decode() if isinstance(value, list | dict | bool) else value


def sound_objects(body: bytes) -> Iterator[Mapping[str, Any]]:
    """The rows of JSON Lines that are objects."""
    for line in filter(None, map(bytes.strip, body.split(b"\n"))):
        with suppress(InvalidInputError):
            yield _object(line)


def sent_columns(body: bytes) -> Iterator[Mapping[str, Any]]:
    """The columns of converted rows, as they were sent."""
    return (row.columns or {} for row in decoded_rows(body))


def _cell_fault(fault: Fault, column: Sequence[Any]) -> Fault:
    value = column[int(fault.loc[0])]
    return Fault(fault.loc, *value.fault) if isinstance(value, Unreadable) else fault


def _in_line(line: int, fault: Fault) -> Fault:
    """The fault of a text of JSON at its line, with the key that it is about, if any."""
    return Fault((line, *(part for part in fault.loc[1:] if isinstance(part, str))), fault.msg, fault.type)


def _object(text: bytes) -> Mapping[str, Any]:
    """Raises InvalidInputError."""
    instance = parse_json(text)
    if text.count(b"[") + text.count(b"{") > SURELY_WRITTEN_LEVELS and is_too_deep(instance):
        raise InvalidInputError([Fault(("body",), TOO_DEEP, "too_deep")])
    if not isinstance(instance, dict):
        raise InvalidInputError([Fault(("body",), "a row is an object of column names and values", "dict_type")])
    return instance
