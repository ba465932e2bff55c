"""How a table spells columns, levels and what is missing, and how the pipeline knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from functions.core.definition import Files
from model_export.draft.columns import MISSING, Column
from model_export.draft.estimator import Facts

Cells = Mapping[str, Sequence[Any]]


def spelling_of(cells: Cells, facts: Facts | None) -> Files:
    """Spelled in snake case, if that is how the pipeline knows the columns and the levels."""
    if facts is None or facts.columns is None:
        return Files()
    snake = Files(snake_case_columns=True, snake_case_values=True)
    lacking = set(facts.columns) - {spelled(name, Files()) for name in cells}
    respelt = {spelled(name, snake): values for name, values in cells.items()}
    in_columns = bool(lacking) and set(facts.columns) <= respelt.keys()
    known = respelt if in_columns else cells
    raw = sum(len(levels & _texts(known.get(name, ()))) for name, levels in facts.levels.items())
    changed = sum(
        len(levels & {_snake(text) for text in _texts(known.get(name, ()))}) for name, levels in facts.levels.items()
    )
    return Files(snake_case_columns=in_columns, snake_case_values=changed > raw)


def _texts(values: Sequence[Any]) -> set[str]:
    return {value.strip() for value in values if isinstance(value, str)}


def respelled(cells: Cells, files: Files) -> Cells:
    """The table with its columns and cells as `files` brings them to the schema."""
    found = {spelled(name, files): values for name, values in cells.items()}
    if not files.snake_case_values:
        return found
    return {name: [_snake_cell(cell) for cell in values] for name, values in found.items()}


def _snake_cell(cell: Any) -> Any:
    return _snake(cell) if isinstance(cell, str) and cell.strip() not in MISSING else cell


def _snake(text: str) -> str:
    return text.strip().lower().replace(" ", "_")


def spelled(name: str, files: Files) -> str:
    return _snake(name) if files.snake_case_columns else name.strip()


def words_for_missing(cells: Cells, columns: Mapping[str, Column]) -> tuple[str, ...]:
    """What means missing in every file, and what else does in this one."""
    present = {cell.strip() for name in columns for cell in cells.get(name, ()) if isinstance(cell, str)}
    return (*Files().missing, *(text for text in MISSING if text in present and text not in Files().missing))
