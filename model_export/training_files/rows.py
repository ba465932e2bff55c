"""Training files in CSV, JSON and JSON Lines, read as a table of the model's schema."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from functions.core.cell_values import Unreadable
from functions.core.column_check import ColumnCheck
from functions.core.definition import Definition
from functions.core.errors import FILE, Fault
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.repeated_faults import summed_up
from functions.core.row_ids import Ids
from functions.core.schema import Feature, Table
from functions.core.training_memory import training_limit
from model_export.training_files.columns import labelled, match_columns
from model_export.training_files.decoding import decode_text
from model_export.training_files.delimited import read_delimited
from model_export.training_files.faults import file_fault, refuse_if_any
from model_export.training_files.id_cells import id_cells
from model_export.training_files.json_rows import read_json, read_json_lines
from model_export.training_files.levels import near_levels, numbers_among_words
from model_export.training_files.sheet import Cells, CheckHeader, Sheet, any_header
from model_export.training_files.unlabelled import labelled_only
from model_export.training_files.unpacking import Form, unpack
from model_export.training_files.values import ReadColumn, read_column

READERS: dict[Form, Callable[[str, CheckHeader], Sheet]] = {
    "csv": read_delimited,
    "json": read_json,
    "jsonl": read_json_lines,
}


@dataclass(frozen=True, slots=True)
class ReadRows:
    """A checked table of the features and the target, and notes on the changes made to the file.

    `ids` has the id of each row, and is None if the file has no such column, or the model no id.
    """

    table: Table
    notes: tuple[str, ...] = ()
    ids: Ids | None = None


def read_rows(body: bytes, file_name: str, definition: Definition) -> ReadRows:
    """The labelled rows in a .csv, .json (array or {"instances": [...]}) or .jsonl file, also in gzip.

    They are brought to the schema as `[files]` of model.toml says. Raises InvalidInputError with up to 1000 faults:
    the file as a whole under (file,), its columns under (file, column), then its cells under (line, number, column).
    Lines are those of a spreadsheet: the header is line 1, and a line break within quotes begins none. Cells of a JSON
    array are under (row, column), counted from 0. A fault that a column has in most of many rows is listed once, with
    their count. A file that cannot be divided into columns has one fault only; for one without any required column,
    only the faults of its columns are listed.
    """
    check_header = partial(_refuse_other_header, definition=definition)
    limit = training_limit(definition.limits, trainer_memory_bytes())
    return rows_of(read_sheet(body, file_name, limit, check_header), definition)


def rows_of(sheet: Sheet, definition: Definition) -> ReadRows:
    """The labelled rows of a file that is already divided into columns; raises InvalidInputError as read_rows does."""
    matched = match_columns(sheet, definition)
    files = definition.files
    for target in definition.schema.target_names:
        if target in matched.columns and target not in files.fill:
            missing = files.missing if sheet.is_text else ()
            labelled_sheet = labelled_only(sheet, matched.columns[target], target, missing)
            if labelled_sheet is not sheet:
                return rows_of(labelled_sheet, definition)
    columns = [
        (feature, read_column(feature, matched.columns[feature.name], definition.files, sheet))
        for feature in labelled(definition.schema)
        if feature.name in matched.columns
    ]
    in_columns = chain.from_iterable(_column_faults(feature, column, sheet) for feature, column in columns)
    in_cells = (map(sheet.in_file, _cell_faults(feature, column)) for feature, column in columns)
    # Merged lazily in the order of the rows: there may be millions of faults, and the first 1000 are reported.
    in_rows = map(sheet.on_line, heapq.merge(sheet.faults, *in_cells, key=_row))
    refuse_if_any(chain(matched.faults, in_columns, in_rows))
    notes = [note for feature, column in columns for note in _column_notes(feature, column)]
    return ReadRows(
        {feature.name: column.values for feature, column in columns},
        (*sheet.notes, *matched.notes, *notes),
        id_cells(matched.columns, definition, is_text=sheet.is_text),
    )


def _refuse_other_header(header: Sheet, definition: Definition) -> None:
    """Refuse a file without any required column before its cells are read; raises InvalidInputError."""
    faults = match_columns(header, definition).faults
    required = [column for column in labelled(definition.schema) if not column.nullable]
    if sum(fault.type == "missing" for fault in faults) == len(required):
        refuse_if_any(faults)


def read_sheet(body: bytes, file_name: str, max_bytes: int, check_header: CheckHeader = any_header) -> Sheet:
    """The columns of a file, unchanged; raises InvalidInputError for a file that has none."""
    content = unpack(body, file_name, max_bytes=max_bytes)
    text, notes = decode_text(content.body, is_json=content.form != "csv")
    if not text.strip():
        raise file_fault("the file is empty", "too_short")
    sheet = READERS[content.form](text, check_header)
    return replace(sheet, notes=(*content.notes, *notes, *sheet.notes))


def whole_columns(sheet: Sheet) -> Cells:
    """The columns of a file by the names in its header, before there is a definition.

    Raises InvalidInputError for rows of another length than the header, and for two columns of one name.
    """
    refuse_if_any(map(sheet.on_line, sheet.faults))
    refuse_if_any(_repeated(sheet))
    return dict(zip(sheet.header, sheet.columns, strict=True))


def _repeated(sheet: Sheet) -> Iterator[Fault]:
    for name, count in Counter(name.strip() for name in sheet.header).items():
        if count > 1 and name:
            yield Fault((FILE, name), "the file has this column more than once", "repeated_column")


def _column_faults(feature: Feature, column: ReadColumn, sheet: Sheet) -> Iterator[Fault]:
    if column.doubt is not None:
        yield Fault((FILE, feature.name), *column.doubt)
    yield from near_levels(feature, column.values, sheet.where)


def _cell_faults(feature: Feature, column: ReadColumn) -> Iterator[Fault]:
    check = ColumnCheck(feature)
    if not check.passes(column.values):
        yield from summed_up(partial(_each_cell_fault, check, column), len(column.values))


def _each_cell_fault(check: ColumnCheck, column: ReadColumn) -> Iterator[Fault]:
    for fault in check.faults(column.values):
        value = column.values[int(fault.loc[0])]
        yield Fault(fault.loc, *value.fault) if isinstance(value, Unreadable) else fault


def _column_notes(feature: Feature, column: ReadColumn) -> list[str]:
    return [note for note in (column.note, numbers_among_words(feature, column.values)) if note]


def _row(fault: Fault) -> int:
    return int(fault.loc[0])
