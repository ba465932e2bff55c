"""Which columns of a table become features: all that can tell something, or those that the pipeline was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from functions.core.errors import DefinitionError, Fault, InvalidInputError
from model_export.draft.columns import FILE, Column, is_id_name, read_column
from model_export.draft.estimator import Facts

NOT_READ = "the pipeline was fitted on it and never reads it, so it may be left out"


def without_ids(
    columns: dict[str, Column], facts: Facts | None, notes: list[str]
) -> tuple[Column | None, dict[str, Column]]:
    """The first column that names rows, and the columns without those that do."""
    read = facts.read if facts else frozenset()
    ids = [name for name, column in columns.items() if name not in read and name and column.is_id]
    ids.sort(key=lambda name: not is_id_name(name))
    if not ids:
        return None, columns
    notes.append(f"{ids[0]} names the rows: it is sent back with predictions and never used")
    notes += [f"{name} is left out: every row has its own value" for name in ids[1:]]
    return columns[ids[0]], {name: column for name, column in columns.items() if name not in ids}


def useful(columns: dict[str, Column], facts: Facts | None, notes: list[str]) -> dict[str, Column]:
    """Without what tells nothing, or those that the pipeline was fitted on; `notes` says what is left out."""
    if facts is not None and not facts.takes_texts:
        return _asked_for(columns, facts, notes)
    kept = {}
    for name, column in columns.items():
        reason = _reason_against(column)
        if reason:
            notes.append(f"{name or 'the column without a name'} is left out: {reason}")
        else:
            kept[name] = column
    return kept


def _reason_against(column: Column) -> str:
    if not column.name:
        return "it has no name in the header"
    if column.is_constant:
        return "it has no values" if not column.levels else "all rows have the same value"
    return "dates are no numbers; add columns such as year or weekday" if column.is_date else ""


def _asked_for(columns: dict[str, Column], facts: Facts, notes: list[str]) -> dict[str, Column]:
    """The columns that the pipeline was fitted on, in its order; those that it never reads may be missing."""
    wanted = list(columns)
    if facts.columns is not None:
        wanted = [name for name in facts.columns if name in columns or name in facts.read]
    lacking = [name for name in wanted if name not in columns]
    if lacking:
        raise DefinitionError(
            f"the pipeline was fitted on {', '.join(lacking)}, which the table lacks; it has {', '.join(columns)}"
        )
    if facts.columns is None and facts.width != len(wanted):
        raise DefinitionError(
            f"the pipeline was fitted on {facts.width} columns without names, and {len(wanted)} are left of the table"
            f" without target and id: {', '.join(wanted)}; pass a table with exactly its columns, in its order"
        )
    others = [name for name in columns if name not in wanted]
    if others:
        notes.append(f"not among the columns of the pipeline: {', '.join(others)}")
    unread = set(wanted) - facts.read if facts.columns is not None else set()
    return {name: replace(columns[name], note=NOT_READ) if name in unread else columns[name] for name in wanted}


def reads_text(columns: Mapping[str, Column], facts: Facts | None) -> bool:
    if facts is not None:
        return facts.takes_texts
    return bool(columns) and all(column.is_long_text for column in columns.values())


def one_text(
    columns: Mapping[str, Column], facts: Facts | None, notes: list[str]
) -> tuple[dict[str, Column], dict[str, tuple[str, ...]]]:
    """The text, and of which columns it is made: of all for a proposal, of one for a pipeline."""
    texts = [column for column in columns.values() if column.is_long_text]
    if facts is not None or len(texts) < 2:
        return _longest_text(columns, notes), {}
    columns = {column.name: column for column in texts}
    name = "text" if "text" not in columns else "_".join(columns)
    rows = zip(*(column.values for column in columns.values()), strict=True)
    joined = read_column(name, [" ".join(part for part in row if part is not None) for row in rows], "string")
    notes.append(f"{' and '.join(columns)} are read together, as {name}")
    return {name: joined}, {name: tuple(columns)}


def _longest_text(columns: Mapping[str, Column], notes: list[str]) -> dict[str, Column]:
    texts = [column for column in columns.values() if column.type == "string"]
    if not texts:
        raise InvalidInputError([Fault((FILE,), "a text model reads a text, and no column is one", "missing")])
    longest = max(texts, key=lambda column: column.words)
    notes += [f"{one.name} is left out: a text model reads one text" for one in columns.values() if one is not longest]
    return {longest.name: longest}
