"""Files that are not plain, read by the rules for training files, as rows that workers read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from functions.core.cell_values import Unreadable, id_text
from functions.core.converted_rows import ConvertedRow, encoded_rows
from functions.core.definition import Definition
from functions.core.errors import FILE, Fault, InvalidInputError
from functions.core.json_text import TOO_DEEP, is_too_deep
from functions.core.schema import Feature, Schema
from functions.core.spelling import column_in_file, model_column
from model_export.batch_files.parquet_files import is_parquet, read_parquet
from model_export.training_files.columns import match_columns
from model_export.training_files.faults import refuse_if_any
from model_export.training_files.rows import read_sheet
from model_export.training_files.sheet import Sheet
from model_export.training_files.values import ReadColumn, read_column


@dataclass(frozen=True, slots=True)
class ConvertedFile:
    """The rows as one body, and notes on the changes made to the file."""

    body: bytes
    rows: int
    notes: tuple[str, ...]
    has_ids: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """What to make of a file: the features that a version reads, the column of ids, and what else goes along.

    A file that lacks the column `id` is refused if `needs_id`.
    """

    schema: Schema
    id: str | None = None
    needs_id: bool = True
    keep_columns: bool = False
    measure: bool = False


def converted(
    body: bytes, file_name: str, definition: Definition, wanted: Conversion, *, most_bytes: int
) -> ConvertedFile:
    """The rows of a file, bad ones with their faults.

    Raises InvalidInputError for a file that has no columns, or not those that are needed.
    """
    sheet = read_parquet(body, most_bytes=most_bytes) if is_parquet(body) else read_sheet(body, file_name, most_bytes)
    return _Converter(sheet, replace(definition, schema=wanted.schema), wanted).converted()


@dataclass(frozen=True, slots=True)
class _Converter:
    sheet: Sheet
    definition: Definition
    wanted: Conversion

    def converted(self) -> ConvertedFile:
        sheet, schema = self.sheet, self.wanted.schema
        matched = match_columns(sheet, self.definition)
        targets = schema.targets if self.wanted.measure else ()
        unneeded = () if self.wanted.measure else schema.target_names
        refuse_if_any(one for one in matched.faults if one.loc[1:] not in {(name,) for name in unneeded})
        read = {one.name: self._read(one, matched.columns[one.name]) for one in (*schema.features, *targets)}
        refuse_if_any(Fault((FILE, name), *column.doubt) for name, column in read.items() if column.doubt)
        rows = list(self._rows(read))
        notes = [column.note for column in read.values() if column.note]
        has_ids = self._ids() is not None
        return ConvertedFile(encoded_rows(rows), len(rows), (*sheet.notes, *matched.notes, *notes), has_ids)

    def _read(self, feature: Feature, cells: Sequence[Any]) -> ReadColumn:
        return read_column(feature, cells, self.definition.files, self.sheet)

    def _rows(self, read: Mapping[str, ReadColumn]) -> Iterator[ConvertedRow]:
        """The rows in the order of the file, those of another length than the header among them."""
        others = {int(fault.loc[0]): fault for fault in self.sheet.faults}
        names = self.wanted.schema.feature_names
        targets = self.wanted.schema.target_names if self.wanted.measure else ()
        features = {feature.name: feature for feature in self.wanted.schema.features}
        ids = self._ids()
        for row in range(self.sheet.rows):
            number = self._number(row)
            while others and next(iter(others)) < number:
                yield self._misfit(others.pop(next(iter(others))))
            cells = {name: read[name].values[row] for name in (*names, *targets)}
            kept = self._cells(row) if self.wanted.keep_columns else {}
            bad = {name: (TOO_DEEP, "too_deep") for name, cell in kept.items() if _is_nested_too_deeply(cell)}
            bad |= {name: fault for name, cell in cells.items() if (fault := _fault(cell)) is not None}
            yield ConvertedRow(
                line=self._line(number),
                values={name: _written(features[name], cells[name]) for name in names if name not in bad},
                id=ids[row] if ids is not None else None,
                columns=kept if kept and not bad else None,
                targets={name: cells[name] for name in targets if name not in bad} or None,
                faults=tuple((name, *fault) for name, fault in bad.items()),
            )
        yield from map(self._misfit, others.values())

    def _ids(self) -> list[str | None] | None:
        if self.wanted.id is None:
            return None
        files, known = self.definition.files, self.wanted.schema.column_names
        spelled = [model_column(name, files, known) for name in self.sheet.header]
        found = column_in_file(self.wanted.id, spelled, files, known)
        if found is None and not self.wanted.needs_id:
            return None
        if found is None:
            text = "the file has no such column, by which rows are known"
            raise InvalidInputError([Fault((FILE, self.wanted.id), text, "missing")])
        missing = {"", *(files.missing if self.sheet.is_text else ())}
        texts = map(id_text, self.sheet.columns[spelled.index(found)])
        return [None if text in missing else text for text in texts]

    def _cells(self, row: int) -> dict[str, Any]:
        return {name: column[row] for name, column in zip(self.sheet.header, self.sheet.columns, strict=True)}

    def _misfit(self, fault: Fault) -> ConvertedRow:
        return ConvertedRow(line=self._line(int(fault.loc[0])), faults=(("", fault.msg, fault.type),))

    def _number(self, row: int) -> int:
        return row if self.sheet.row_numbers is None else self.sheet.row_numbers[row]

    def _line(self, number: int) -> int:
        """The line of a row of the file; rows of a JSON array, and of Parquet, count from 1."""
        return number + 1 if self.sheet.lines is None else self.sheet.lines.line_of(number)


def _written(feature: Feature, value: Any) -> Any:
    """A value as JSON has it: a datetime with the offset that its feature asks for."""
    return feature.written(value) if isinstance(value, datetime) else value


def _is_nested_too_deeply(cell: Any) -> bool:
    """True for a list or an object that no result can hold."""
    return isinstance(cell, list | dict) and is_too_deep([cell])


def _fault(cell: Any) -> tuple[str, str] | None:
    """The message and kind of a cell that is no value. JSON has no infinity, and would lose it in silence."""
    if isinstance(cell, Unreadable):
        return cell.fault
    is_infinite = isinstance(cell, float) and not math.isfinite(cell)
    return ("a number must be finite", "finite_number") if is_infinite else None
