"""The id column of a training file, which no model reads: it says whose row each one is."""

from __future__ import annotations

from functions.core.cell_values import id_text
from functions.core.definition import Definition
from functions.core.row_ids import Ids
from model_export.training_files.columns import match_columns
from model_export.training_files.sheet import Cells, Sheet


def id_cells(columns: Cells, definition: Definition, *, is_text: bool) -> Ids | None:
    """The id of each row as text; None if the model has no id, or the file has no such column.

    `columns` are those of a file by the names of the model.
    """
    name = definition.schema.id
    if name is None or name not in columns:
        return None
    missing = {"", *(definition.files.missing if is_text else ())}
    return tuple(None if text in missing else text for text in map(id_text, columns[name]))


def rows_with_id(sheet: Sheet, definition: Definition, value: str) -> int | None:
    """The number of rows with that id, labelled or not; None if there is none, and some rows have no readable id.

    Raises InvalidInputError for a file whose first line is no header.
    """
    ids = id_cells(match_columns(sheet, definition).columns, definition, is_text=sheet.is_text)
    found = 0 if ids is None else ids.count(value)
    is_searched = ids is not None and None not in ids and not sheet.faults
    return found if found or is_searched else None
