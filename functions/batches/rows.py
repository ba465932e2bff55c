"""The rows of a shard, in chunks, as columns that are ready to predict. A bad row makes faults and is left out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, islice
from typing import Any

import orjson

from functions.batches.cells import cell_values
from functions.core.batches import Batch, Plan
from functions.core.errors import Fault, InvalidInputError
from functions.core.instances import CheckedInstances
from functions.core.json_text import parse_json
from functions.core.schema import Table
from functions.core.spelling import column_name
from functions.serving.version import LoadedVersion


@dataclass(slots=True)
class Rows:
    """Rows as columns. `lines` are their lines in the file, `ids` the texts of their ids, if the batch has ids.

    `kept` are the columns that were sent, as they were sent; empty unless the batch keeps them. Faults are located at
    (line, column).
    """

    lines: list[int]
    table: Table
    ids: list[str | None] | None = None
    kept: dict[str, list[Any]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, faults: Sequence[Fault]) -> None:
        """Leave out the rows of faults that are located at (row, ...), and keep the faults with their lines."""
        self.faults += [Fault((self.lines[int(one.loc[0])], *one.loc[1:]), one.msg, one.type) for one in faults]
        bad = {int(one.loc[0]) for one in faults}
        good = [row not in bad for row in range(len(self.lines))]
        self.lines = list(compress(self.lines, good))
        self.table = {name: list(compress(column, good)) for name, column in self.table.items()}
        self.kept = {name: list(compress(column, good)) for name, column in self.kept.items()}
        self.ids = None if self.ids is None else list(compress(self.ids, good))

    def part(self, start: int, end: int) -> Rows:
        """Some of the rows, without the faults."""
        return Rows(
            self.lines[start:end],
            {name: column[start:end] for name, column in self.table.items()},
            None if self.ids is None else self.ids[start:end],
            {name: column[start:end] for name, column in self.kept.items()},
        )

    @property
    def instances(self) -> CheckedInstances:
        return CheckedInstances(self.table, len(self.lines), None)


class ShardReader:
    """Reader of the rows of one batch."""

    def __init__(self, batch: Batch, plan: Plan, version: LoadedVersion) -> None:
        self._plan = plan
        self._version = version
        self._schema = version.manifest.schema
        self._id = batch.id
        self._keeps = batch.keep_columns
        self._names = [column_name(name, plan.files) for name in plan.header]
        self._chunk_rows = version.manifest.limits.max_instances

    def chunks(self, body: bytes, line: int) -> Iterator[Rows]:
        """The checked rows of a shard whose first row is in `line`, at most `max_instances` at a time."""
        chunks = self._csv_chunks(body, line) if self._plan.form == "csv" else self._json_chunks(body, line)
        for rows in chunks:
            self._check(rows)
            yield rows

    def _check(self, rows: Rows) -> None:
        """Leave out the rows with values that break the schema; one report of faults may not have them all."""
        while rows.lines:
            try:
                self._version.validator.check(rows.table)
            except InvalidInputError as error:
                rows.refuse(error.faults)
            else:
                return

    def _csv_chunks(self, body: bytes, line: int) -> Iterator[Rows]:
        records = _numbered_records(body.decode(errors="replace"), line)
        while chunk := list(islice(records, self._chunk_rows)):
            yield self._from_cells(chunk)

    def _from_cells(self, records: Sequence[tuple[int, list[str] | Fault]]) -> Rows:
        lines: list[int] = []
        cells: list[list[str]] = []
        faults: list[Fault] = []
        width = len(self._plan.header)
        for line, record in records:
            if isinstance(record, Fault):
                faults.append(record)
            elif len(record) == width:
                lines.append(line)
                cells.append(record)
            elif len(record) > width and not any(record[width:]):
                lines.append(line)
                cells.append(record[:width])
            else:
                text = f"{len(record)} cells where the header has {width}"
                faults.append(Fault((line,), text, "csv_row_length"))
        columns = dict(zip(self._names, map(list, zip(*cells, strict=True)), strict=True)) if cells else {}
        table: Table = {}
        found: list[Fault] = []
        for feature in self._schema.features:
            column = columns.get(feature.name)
            if column is None:
                fill = self._plan.files.fill.get(feature.name)
                table[feature.name] = [fill] * len(lines)
                continue
            table[feature.name], broken = cell_values(feature, column, self._plan.files)
            found += broken
        ids = None if self._id is None else [text.strip() or None for text in columns.get(self._id, [""] * len(lines))]
        rows = Rows(lines, table, ids, _renamed(columns, self._plan.header) if self._keeps else {}, faults)
        if found:
            rows.refuse(sorted(found, key=lambda one: int(one.loc[0])))
        return rows

    def _json_chunks(self, body: bytes, line: int) -> Iterator[Rows]:
        numbered = ((number, text) for number, text in enumerate(body.split(b"\n"), line) if text.strip())
        while chunk := list(islice(numbered, self._chunk_rows)):
            yield self._from_objects(chunk)

    def _from_objects(self, texts: Sequence[tuple[int, bytes]]) -> Rows:
        lines: list[int] = []
        instances: list[Mapping[str, Any]] = []
        faults: list[Fault] = []
        for line, text in texts:
            try:
                instances.append(_object(text))
            except InvalidInputError as error:
                faults += [Fault((line, *one.loc[1:]), one.msg, one.type) for one in error.faults]
            else:
                lines.append(line)
        required = [feature.name for feature in self._schema.features if not feature.nullable]
        table: Table = {
            feature.name: [instance.get(feature.name) for instance in instances] for feature in self._schema.features
        }
        ids = None if self._id is None else [id_text(instance.get(self._id)) for instance in instances]
        kept = _columns_of(instances) if self._keeps else {}
        rows = Rows(lines, table, ids, kept, faults)
        lacking = [
            Fault((row, name), "field required", "missing")
            for row, instance in enumerate(instances)
            for name in required
            if name not in instance
        ]
        if lacking:
            rows.refuse(lacking)
        return rows


def id_text(value: Any) -> str | None:
    """An id as text, so that 123, 123.0 and "123" are one; None for a missing one."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value.strip() if isinstance(value, str) else "" if value is None else orjson.dumps(value).decode()
    return text or None


def _numbered_records(text: str, line: int) -> Iterator[tuple[int, list[str] | Fault]]:
    """The cells of each row with its line, and a fault for one that is no CSV. Rows without any value
    are counted and left out."""
    # neither splits at the other line breaks of Unicode
    lines = io.StringIO(text, newline="\n") if '"' in text else text.split("\n")
    reader = csv.reader(lines, strict=True)
    while True:
        try:
            record: list[str] | Fault | None = next(reader, None)
        except csv.Error as error:
            record = Fault((line,), f"the row is not CSV: {error}", "csv_invalid")
        if record is None:
            return
        if isinstance(record, Fault) or any(record):
            yield line, record
        line += 1


def _renamed(columns: Mapping[str, list[Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """The columns by the names that the file has for them."""
    return dict(zip(names, columns.values(), strict=True)) if columns else {}


def _object(text: bytes) -> Mapping[str, Any]:
    """Raises InvalidInputError."""
    instance = parse_json(text)
    if not isinstance(instance, dict):
        raise InvalidInputError([Fault(("body",), "a row is an object of column names and values", "dict_type")])
    return instance


def _columns_of(instances: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for instance in instances for name in instance)
    return {name: [instance.get(name) for instance in instances] for name in names}
