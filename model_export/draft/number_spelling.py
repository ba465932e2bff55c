"""Numbers as spreadsheets write them, respelled before the type of a column is inferred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.core.schema import written
from model_export.draft.columns import MISSING_TEXTS
from model_export.training_files.faults import Unreadable, readable_name
from model_export.training_files.numbers import read_numbers
from model_export.training_files.sheet import Cells


def plainly_written(cells: Cells, *, texts: frozenset[str], notes: list[str]) -> Cells:
    """The table with 70.000,5 as 70000.5 where the rules of training files leave no doubt; `texts` are left alone.

    `notes` gets every column that was changed, and every one that stays text because of a doubt.
    """
    return {name: column if name in texts else _column(name, column, notes) for name, column in cells.items()}


def _column(name: str, cells: Sequence[Any], notes: list[str]) -> Sequence[Any]:
    if not all(isinstance(cell, str) for cell in cells):
        return cells
    texts = [text for text in dict.fromkeys(cell.strip() for cell in cells) if text not in MISSING_TEXTS]
    if not texts or _is_no_number(texts[0]):
        return cells
    found = read_numbers(texts, "number", separator=",")
    if found.doubt is not None:
        notes.append(f"{readable_name(name)}: text, because {found.doubt[0]}")
        return cells
    if not found.how or any(isinstance(value, Unreadable) for value in found.values.values()):
        return cells
    notes.append(f"{readable_name(name)}: {found.how}")
    plain = {text: written(value) for text, value in found.values.items() if not isinstance(value, Unreadable)}
    return [plain.get(cell.strip(), cell) for cell in cells]


def _is_no_number(text: str) -> bool:
    """A quick check of the first cell: in most columns of text it is no number."""
    first = read_numbers([text], "number", separator=",")
    return first.doubt is None and isinstance(first.values[text], Unreadable)
