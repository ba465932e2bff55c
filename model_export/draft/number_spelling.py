"""Respelling of numbers from spreadsheets, before the type of a column is inferred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.core.cell_values import Unreadable
from functions.core.definition import DecimalMark
from functions.core.schema import written
from model_export.draft.columns import MISSING_TEXTS
from model_export.training_files.faults import readable_name
from model_export.training_files.numbers import read_numbers
from model_export.training_files.sheet import Cells


def plainly_written(
    cells: Cells, *, texts: frozenset[str], notes: list[str], decimal: DecimalMark | None = None
) -> Cells:
    """The table with 70.000,5 as 70000.5 where the rules of training files leave no doubt; `texts` are left alone.

    `notes` gets each column that was changed, and each that stays text because its numbers are ambiguous. `decimal` is
    the declared decimal mark.
    """
    return {name: column if name in texts else _column(name, column, notes, decimal) for name, column in cells.items()}


def _column(name: str, cells: Sequence[Any], notes: list[str], decimal: DecimalMark | None) -> Sequence[Any]:
    if not all(isinstance(cell, str) for cell in cells):
        return cells
    texts = [text for text in dict.fromkeys(cell.strip() for cell in cells) if text not in MISSING_TEXTS]
    if not texts or _is_no_number(texts[0], decimal):
        return cells
    numbers = read_numbers(texts, "number", separator=",", decimal=decimal)
    if numbers.doubt is not None:
        notes.append(f"{readable_name(name)}: text, because {numbers.doubt[0]}")
        return cells
    if not numbers.how or any(isinstance(value, Unreadable) for value in numbers.values.values()):
        return cells
    notes.append(f"{readable_name(name)}: {numbers.how}")
    plain = {text: written(value) for text, value in numbers.values.items() if not isinstance(value, Unreadable)}
    return [plain.get(cell.strip(), cell) for cell in cells]


def _is_no_number(text: str, decimal: DecimalMark | None) -> bool:
    """Return True if the first cell is no number, as in most text columns: a quick check that spares the others."""
    first = read_numbers([text], "number", separator=",", decimal=decimal)
    return first.doubt is None and isinstance(first.values[text], Unreadable)
