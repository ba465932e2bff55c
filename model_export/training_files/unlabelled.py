"""Rows of a file without a value to learn from, which are left out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import compress
from typing import Any

from model_export.training_files.faults import readable_name
from model_export.training_files.sheet import Sheet


def labelled_only(sheet: Sheet, target: Sequence[Any], name: str, missing: Collection[str]) -> Sheet:
    """The sheet without the rows in which the column `target` is missing, with a note that has their number.

    `missing` are the texts that mean a missing value. A file without any label is left as it is, and refused elsewhere.
    """
    kept = _kept(sheet, target, missing)
    left_out = kept.count(False)
    if not left_out or left_out == len(kept):
        return sheet
    numbers = range(len(kept)) if sheet.row_numbers is None else sheet.row_numbers
    return replace(
        sheet,
        columns=tuple(list(compress(column, kept)) for column in sheet.columns),
        row_numbers=list(compress(numbers, kept)),
        notes=(*sheet.notes, f"{left_out} rows without {readable_name(name)} were left out"),
    )


def _kept(sheet: Sheet, target: Sequence[Any], missing: Collection[str]) -> list[bool]:
    if not sheet.is_text:  # a cell of JSON may be an array, which no set takes
        return [not _is_missing(cell, missing) for cell in target]
    absent = {cell for cell in set(target) if _is_missing(cell, missing)}
    return [cell not in absent for cell in target]


def _is_missing(cell: Any, missing: Collection[str]) -> bool:
    if isinstance(cell, str):
        return cell.strip() in missing
    return cell is None or cell != cell
