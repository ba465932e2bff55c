"""Spelling of columns, levels and missing values: in the table, and in the data of the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from functions.core.column_check import normal
from functions.core.definition import FileSettings
from functions.core.errors import Fault, InvalidInputError
from model_export.draft.columns import MISSING_TEXTS, TableColumn
from model_export.draft.estimator import Facts
from model_export.training_files.columns import column_name
from model_export.training_files.faults import FILE, brief, listed, readable_name, refuse_if_any
from model_export.training_files.sheet import Cells
from model_export.training_files.values import snake_case


def spelling_of(cells: Cells, facts: Facts | None, rename: Mapping[str, str]) -> FileSettings:
    """The changes that bring files to the model: the renames, and snake case if the pipeline was fitted on it.

    `rename` maps names of the table to new ones. Raises InvalidInputError for a name that the table lacks.
    """
    known = {name.strip() for name in cells}
    unknown = [name for name in rename if name.strip() not in known]
    if unknown:
        raise InvalidInputError([Fault((FILE, unknown[0]), _no_such_column(cells, unknown[0]), "missing")])
    plain = FileSettings(rename={name.strip(): other for name, other in rename.items()})
    if facts is None or facts.columns is None:
        return plain
    snake = FileSettings(snake_case_columns=True, rename={snake_case(name): other for name, other in rename.items()})
    plain_names, respelled_names = (
        {column_name(name, files): cells[name] for name in cells} for files in (plain, snake)
    )
    in_columns = not set(facts.columns) <= plain_names.keys() and set(facts.columns) <= respelled_names.keys()
    files, columns = (snake, respelled_names) if in_columns else (plain, plain_names)
    return replace(files, snake_case_values=_knows_snake_case(facts.levels, columns))


def _knows_snake_case(levels_by_name: Mapping[str, frozenset[str]], columns: Cells) -> bool:
    """Return True if more levels of the pipeline are in the table after its values are put in snake case."""
    raw = changed = 0
    for name, levels in levels_by_name.items():
        texts = {value.strip() for value in columns.get(name, ()) if isinstance(value, str)}
        raw += len(levels & texts)
        changed += len(levels & set(map(snake_case, texts)))
    return changed > raw


def respelled(cells: Cells, files: FileSettings) -> Cells:
    """The table after the changes of `files` to its columns and cells.

    Raises InvalidInputError if two columns get one name.
    """
    sources: dict[str, list[str]] = {}
    for name in cells:
        sources.setdefault(column_name(name, files), []).append(name)
    refuse_if_any(
        Fault(
            (FILE, name),
            f"{listed(map(readable_name, names))} all become {readable_name(name)}: rename one",
            "repeated_column",
        )
        for name, names in sources.items()
        if name and len(names) > 1
    )
    by_name = {name: cells[names[-1]] for name, names in sources.items()}
    if not files.snake_case_values:
        return by_name
    return {name: [_snake_cell(cell) for cell in values] for name, values in by_name.items()}


def names_in_models(cells: Cells, rename: Mapping[str, str]) -> frozenset[str]:
    """All names that columns of the table may have in a model: unchanged, in snake case, renamed."""
    names = [name.strip() for name in cells]
    return frozenset([*names, *map(snake_case, names), *rename.values()])


def find_column(name: str, cells: Cells) -> str:
    """`name` if the table has such a column; raises InvalidInputError that suggests another if not."""
    if name in cells:
        return name
    raise InvalidInputError([Fault((FILE, name), _no_such_column(cells, name), "missing")])


def words_for_missing(cells: Cells, columns: Mapping[str, TableColumn]) -> tuple[str, ...]:
    """Texts that mean a missing value in every file, and the further ones that occur in this table."""
    present = {cell.strip() for name in columns for cell in cells.get(name, ()) if isinstance(cell, str)}
    usual = FileSettings().missing
    return (*usual, *(text for text in MISSING_TEXTS if text in present and text not in usual))


def _no_such_column(cells: Cells, name: str) -> str:
    near = [column for column in cells if normal(column) == normal(name)]
    hint = f"did you mean {brief(near[0])}?" if near else f"it has {listed(map(readable_name, cells))}"
    return f"the file has no such column; {hint}"


def _snake_cell(cell: Any) -> Any:
    return snake_case(cell) if isinstance(cell, str) and cell.strip() not in MISSING_TEXTS else cell
