"""Values of a table beside those that a pipeline knows: what was respelled, and what it never learned."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from functions.core.definition import FileSettings
from functions.core.errors import DefinitionError
from model_export.draft.columns import TableColumn
from model_export.draft.estimator import Facts
from model_export.training_files.faults import brief, readable_name

SHOWN = 5


def renaming_notes(files: FileSettings) -> list[str]:
    """A note on values that are put in snake case, and one for each column whose values are renamed."""
    snake = ["values are read in snake case, as the pipeline knows them"] if files.snake_case_values else []
    return snake + [
        f"{readable_name(name)}: read as the pipeline knows it, {_pairs(values)}"
        for name, values in files.rename_values.items()
        if values
    ]


def unknown_notes(columns: Mapping[str, TableColumn], facts: Facts) -> list[str]:
    """A note for each column with values that no encoder of the pipeline learned.

    Raises DefinitionError for a column of which it knows no value at all: it was fitted on other ones.
    """
    notes = []
    for name, levels in facts.levels.items():
        column = columns.get(name)
        if not levels or column is None or column.type != "string" or not column.levels:
            continue
        unknown = [level for level in column.levels if level not in levels]
        if len(unknown) == len(column.levels):
            _refuse_strange_values(name, unknown, levels)
        if unknown:
            rows = sum(column.levels[level] for level in unknown)
            notes.append(
                f"{readable_name(name)}: the pipeline never learned {_shown(unknown)}, in {rows} rows; it knows "
                f"{_shown(levels)}"
            )
    return notes


def _refuse_strange_values(name: str, unknown: list[str], levels: Iterable[str]) -> None:
    known = sorted(levels)
    example = " ".join(map(shlex.quote, [name, unknown[0], known[0]]))
    raise DefinitionError(
        f"the pipeline knows no value of {readable_name(name)} in the table: it was fitted on {_shown(known)}, and the "
        f"table has {_shown(unknown)}; if they mean the same, rename each: --rename-value {example}"
    )


def _pairs(values: Mapping[str, str]) -> str:
    pairs = [f"{brief(old)} as {brief(new)}" for old, new in values.items()]
    return _cut(pairs)


def _shown(values: Iterable[str]) -> str:
    return _cut([brief(value) for value in sorted(values)])


def _cut(texts: list[str]) -> str:
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return f"{', '.join(texts[:SHOWN])}{more}"
