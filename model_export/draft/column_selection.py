"""Choice of the columns that become features: all that help to predict, or the ones the pipeline was fitted on."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from functions.core.errors import FILE, DefinitionError, Fault, InvalidInputError
from model_export.draft.columns import TableColumn, column_of, is_id_name
from model_export.draft.estimator import Facts
from model_export.training_files.date_cells import as_iso, is_date, possible_orders
from model_export.training_files.faults import brief, listed, readable_name

NOT_READ = "the pipeline was fitted on it and never reads it, so it may be left out"


def without_ids(
    columns: dict[str, TableColumn], facts: Facts | None, notes: list[str]
) -> tuple[TableColumn | None, dict[str, TableColumn]]:
    """Return the first column that identifies rows, and the columns without all such columns."""
    read = facts.read if facts else frozenset()
    ids = [name for name, column in columns.items() if name not in read and name and column.is_id]
    # A column that is called an id goes before one that only looks like one.
    ids.sort(key=lambda name: not is_id_name(name))
    if not ids:
        return None, columns
    notes.append(f"{readable_name(ids[0])} identifies the rows: it is sent back with predictions and never used")
    notes += [f"{readable_name(name)} is left out: every row has its own value" for name in ids[1:]]
    return columns[ids[0]], {name: column for name, column in columns.items() if name not in ids}


def useful(columns: dict[str, TableColumn], facts: Facts | None, notes: list[str]) -> dict[str, TableColumn]:
    """The columns that help to predict, or the ones the pipeline was fitted on; `notes` gets the ones left out."""
    if facts is not None and not facts.takes_texts:
        return _fitted_on(columns, facts, notes)
    kept = {}
    for name, column in columns.items():
        reason = _reason_against(column)
        if reason:
            notes.append(f"{readable_name(name) if name else 'the column without a name'} is left out: {reason}")
        else:
            kept[name] = column
    return kept


def _reason_against(column: TableColumn) -> str:
    if not column.name:
        return "it has no name in the header"
    if column.is_constant:
        return "it has no values" if not column.levels else "all rows have the same value"
    return _reason_against_dates(list(column.levels)) if column.is_date else ""


def _reason_against_dates(texts: list[str]) -> str:
    """The reason why texts that look like dates are none that a model can read."""
    orders = possible_orders(texts)
    if len(orders) > 1 and not all(map(is_date, texts)):
        return f"its dates may be {' or '.join(orders)}: write them as in ISO 8601, such as 2026-11-29"
    strange = [text for text in texts if not is_date(as_iso(text, orders[0] if orders else None))]
    if strange:
        return f"not all of its values are dates in ISO 8601: {listed(map(brief, strange[:3]))}"
    return "some of its times have an offset, and others have none"


def _fitted_on(columns: dict[str, TableColumn], facts: Facts, notes: list[str]) -> dict[str, TableColumn]:
    """The columns that the pipeline was fitted on, in its order, noting the ones that it never reads."""
    wanted = list(columns)
    if facts.columns is not None:
        wanted = [name for name in facts.columns if name in columns or name in facts.read]
    _refuse_other_table(wanted, columns, facts)
    others = [name for name in columns if name not in wanted and name]
    if others:
        notes.append(f"not among the columns of the pipeline: {_names(others)}")
    if (facts.columns is None and len(wanted) > 1) or facts.columns_are_given:
        how = "as given" if facts.columns_are_given else "assumed to be the table's (--columns gives another)"
        notes.append(f"the pipeline was fitted on columns without names: their order is {how}: {_names(wanted)}")
    unread = set(wanted) - facts.read if facts.columns is not None else set()
    return {name: replace(columns[name], note=NOT_READ) if name in unread else columns[name] for name in wanted}


def _refuse_other_table(wanted: list[str], columns: Mapping[str, TableColumn], facts: Facts) -> None:
    lacking = [name for name in wanted if name not in columns]
    padded = [name for name in lacking if name.strip() in columns]
    if padded:
        raise DefinitionError(
            f"the pipeline was fitted on {_names(padded)}: spaces at the ends of a name are removed from a table, so "
            "fit it on names without them"
        )
    if lacking:
        raise DefinitionError(
            f"the pipeline was fitted on {_names(lacking)}, which the table lacks; it has {_names(columns)}; "
            "--rename OLD=NEW gives a column of the table another name"
        )
    if facts.columns is None and facts.width not in (None, len(wanted)):
        fitted = "a single column" if facts.width == 1 else f"{facts.width} columns without names"
        raise DefinitionError(
            f"the pipeline was fitted on {fitted}, and {len(wanted)} are left of the table"
            f" without target and id: {_names(wanted)}; name its columns in its order: --columns"
            f" {' '.join(map(shlex.quote, wanted[: facts.width]))}"
        )


def _names(names: Iterable[str]) -> str:
    return listed(map(readable_name, names))


def reads_text(columns: Mapping[str, TableColumn], facts: Facts | None) -> bool:
    """Return True if a model of these columns should read one text."""
    if facts is not None:
        return facts.takes_texts
    others = [column for column in columns.values() if column.type != "datetime"]
    return bool(others) and all(column.is_long_text for column in others)


def one_text(
    columns: Mapping[str, TableColumn], facts: Facts | None, notes: list[str], *, taken: Collection[str]
) -> tuple[dict[str, TableColumn], dict[str, tuple[str, ...]]]:
    """The text column, and the columns it is joined from: all texts for a proposal, one column for a pipeline.

    `taken` are the names of the table, which the joined text must not have: a file with such a column is not joined.
    """
    texts = [column for column in columns.values() if column.is_long_text]
    if facts is not None or len(texts) < 2:
        return _longest_text(columns, notes), {}
    notes += [_one_text_note(column.name) for column in columns.values() if not column.is_long_text]
    columns = {column.name: column for column in texts}
    name = "text" if "text" not in taken else "_".join(columns)
    while name in taken:
        name += "_"
    rows = zip(*(column.values for column in columns.values()), strict=True)
    joined = column_of(name, [" ".join(part for part in row if part is not None) for row in rows], "string")
    notes.append(f"{' and '.join(map(readable_name, columns))} are read together, as {readable_name(name)}")
    return {name: joined}, {name: tuple(columns)}


def _longest_text(columns: Mapping[str, TableColumn], notes: list[str]) -> dict[str, TableColumn]:
    texts = [column for column in columns.values() if column.type == "string"]
    if not texts:
        raise InvalidInputError([Fault((FILE,), "a text model reads a text, and no column is one", "missing")])
    longest = max(texts, key=lambda column: column.words)
    notes += [_one_text_note(column.name) for column in columns.values() if column is not longest]
    return {longest.name: longest}


def _one_text_note(name: str) -> str:
    return f"{readable_name(name)} is left out: a text model reads one text"
