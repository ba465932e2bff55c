"""A table looked at: the task, the features, the id, and what is left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.core.definition import Files, Task
from functions.core.errors import DefinitionError, Fault, InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.validation import normal
from model_export.draft.columns import MISSING, Column, Kind, is_id_name, read_column
from model_export.draft.estimator import Facts

Cells = Mapping[str, Sequence[Any]]
FILE = "file"
MOST_CLASSES = 100
MOST_NUMBERED_CLASSES = 10
ROWS_OF_A_CLASS = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model folder is written from; `columns` are those of the schema and the target, `identity` the id."""

    name: str
    task: Task
    schema: Schema
    columns: Mapping[str, Column]
    identity: Column | None
    files: Files
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.columns[self.schema.target.name].values)


def infer(name: str, cells: Cells, *, target: str, task: Task | None = None, facts: Facts | None = None) -> Draft:
    """The draft of a model that predicts the column `target`.

    `task` overrules what the target looks like, `facts` are those of a pipeline fitted on such a table.
    Raises InvalidInputError for a table that cannot be learned from, DefinitionError for a pipeline of another one.
    """
    files = _files(cells, facts)
    cells = {_spelled(column, files): values for column, values in cells.items()}
    target = _found(_spelled(target, files), cells)
    if files.snake_case_values:
        cells = {column: [_snake_value(cell) for cell in values] for column, values in cells.items()}
    answer = _read(target, cells)
    if answer.is_boolean and all(isinstance(cell, str) for cell in cells[target]):
        answer = _read(target, cells, "string")  # classes keep their names
    _refuse_bad_target(answer)
    chosen = task or _task(answer, facts)
    if facts is not None and facts.is_classifier == (chosen == "tabular-regression"):
        raise DefinitionError(f"the pipeline is a {'classifier' if facts.is_classifier else 'regressor'}, not {chosen}")
    columns = {one: _read(one, cells, _kind(one, facts)) for one in cells if one != target}
    notes = [_task_note(answer, chosen, is_told=task is not None or facts is not None)]
    identity, columns = _identity(columns, facts, notes)
    columns = _used(columns, facts, notes)
    if chosen == "tabular-classification" and _is_text(columns, facts):
        chosen, columns = "text-classification", _longest_text(columns, notes)
    if not columns:
        raise InvalidInputError([Fault((FILE,), "no column is left to predict from", "missing")])
    schema = Schema(
        features=tuple(_feature(one, chosen, facts, files) for one in columns.values()),
        target=_target(answer, chosen),
        id=identity.name if identity else None,
    )
    notes += [f"{one.name}: {one.note}" for one in columns.values() if one.note]
    seen = {**columns, target: answer}
    files = replace(files, missing=_missing(cells, seen), fill=_fill(columns, chosen))
    return Draft(name, chosen, schema, seen, identity, files, tuple(notes))


def _files(cells: Cells, facts: Facts | None) -> Files:
    """Spelled in snake case, if that is how the pipeline knows the columns and the levels."""
    if facts is None or facts.columns is None:
        return Files()
    snake = Files(snake_case_columns=True, snake_case_values=True)
    lacking = set(facts.columns) - {_spelled(name, Files()) for name in cells}
    spelled = {_spelled(name, snake): values for name, values in cells.items()}
    in_columns = bool(lacking) and set(facts.columns) <= spelled.keys()
    known = spelled if in_columns else cells
    raw = sum(len(levels & _texts(known.get(name, ()))) for name, levels in facts.levels.items())
    changed = sum(
        len(levels & {_snake(text) for text in _texts(known.get(name, ()))}) for name, levels in facts.levels.items()
    )
    return Files(snake_case_columns=in_columns, snake_case_values=changed > raw)


def _texts(values: Sequence[Any]) -> set[str]:
    return {value.strip() for value in values if isinstance(value, str)}


def _snake_value(cell: Any) -> Any:
    return _snake(cell) if isinstance(cell, str) and cell.strip() not in MISSING else cell


def _snake(text: str) -> str:
    return text.strip().lower().replace(" ", "_")


def _spelled(name: str, files: Files) -> str:
    return _snake(name) if files.snake_case_columns else name.strip()


def _found(name: str, cells: Cells) -> str:
    if name in cells:
        return name
    near = [one for one in cells if normal(one) == normal(name)]
    hint = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(cells)}"
    raise InvalidInputError([Fault((FILE, name), f"the file has no such column{hint}", "missing")])


def _read(name: str, cells: Cells, kind: Kind | None = None) -> Column:
    try:
        return read_column(name, cells[name], kind)
    except ValueError as error:
        raise InvalidInputError([Fault((FILE, name), str(error), "cell_type")]) from None


def _kind(name: str, facts: Facts | None) -> Kind | None:
    return facts.kinds.get(name) if facts else None


def _refuse_bad_target(column: Column) -> None:
    if column.holes:
        row = column.values.index(None)
        message = f"{column.holes} rows have no value to learn from, row {row} first; remove them"
        raise InvalidInputError([Fault((FILE, column.name), message, "missing")])
    if column.is_constant:
        raise InvalidInputError([Fault((FILE, column.name), "all rows have the same value", "single_class")])


def _task(answer: Column, facts: Facts | None) -> Task:
    if facts is not None:
        return "tabular-classification" if facts.is_classifier else "tabular-regression"
    if answer.type == "string" or answer.is_boolean:
        return "tabular-classification"
    whole = all(float(level).is_integer() for level in answer.levels)
    few = len(answer.levels) == 2 or (
        len(answer.levels) <= MOST_NUMBERED_CLASSES and len(answer.values) >= ROWS_OF_A_CLASS * len(answer.levels)
    )
    return "tabular-classification" if whole and few else "tabular-regression"


def _task_note(answer: Column, task: Task, *, is_told: bool) -> str:
    if task == "tabular-regression":
        why = f"{answer.name} is a number"
    else:
        kind = "texts" if answer.type == "string" else "whole numbers"
        why = f"{answer.name} is one of {len(answer.levels)} {kind}"
    other = "tabular-regression" if task != "tabular-regression" else "tabular-classification"
    is_open = answer.type != "string" and not answer.is_boolean and not is_told
    return f"{task}: {why}" + (f" (if not, --task {other})" if is_open else "")


def _identity(
    columns: dict[str, Column], facts: Facts | None, notes: list[str]
) -> tuple[Column | None, dict[str, Column]]:
    """The first column that names rows, and the columns without those that do."""
    used = set(facts.columns or ()) if facts else set()
    ids = [name for name, column in columns.items() if name not in used and name and column.is_id]
    ids.sort(key=lambda name: not is_id_name(name))
    if not ids:
        return None, columns
    notes.append(f"{ids[0]} names the rows: it is sent back with predictions and never used")
    notes += [f"{name} is left out: every row has its own value" for name in ids[1:]]
    return columns[ids[0]], {name: column for name, column in columns.items() if name not in ids}


def _used(columns: dict[str, Column], facts: Facts | None, notes: list[str]) -> dict[str, Column]:
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
    """The columns that the pipeline was fitted on, in its order."""
    wanted = list(columns) if facts.columns is None else list(facts.columns)
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
        notes.append(f"not used by the pipeline: {', '.join(others)}")
    return {name: columns[name] for name in wanted}


def _is_text(columns: Mapping[str, Column], facts: Facts | None) -> bool:
    if facts is not None:
        return facts.takes_texts
    return bool(columns) and all(column.is_long_text for column in columns.values())


def _longest_text(columns: Mapping[str, Column], notes: list[str]) -> dict[str, Column]:
    texts = [column for column in columns.values() if column.type == "string"]
    if not texts:
        raise InvalidInputError([Fault((FILE,), "the pipeline takes a text, and no column is one", "missing")])
    longest = max(texts, key=lambda column: column.words)
    notes += [f"{one.name} is left out: a text model reads one text" for one in columns.values() if one is not longest]
    return {longest.name: longest}


def _feature(column: Column, task: Task, facts: Facts | None, files: Files) -> Feature:
    is_text = task == "text-classification"
    closed = facts.closed.get(column.name, ()) if facts else ()
    is_bit = column.type == "integer" and set(column.levels) == {0, 1}
    return Feature(
        name=column.name,
        type=column.type,
        nullable=column.holes > 0 and not is_text,
        allowed=_as_typed(closed, column) or ((0, 1) if is_bit else ()),
        categorical=bool(closed) or files.snake_case_values or not (is_text or column.is_free_text),
    )


def _as_typed(values: tuple[Any, ...], column: Column) -> tuple[Any, ...]:
    kind: Any = {"string": str, "integer": int, "number": float}[column.type]
    return tuple(kind(value) for value in values)


def _target(answer: Column, task: Task) -> Feature:
    if task == "tabular-regression":
        if answer.type == "string":
            raise InvalidInputError([Fault((FILE, answer.name), "texts are no numbers to predict", "number_parsing")])
        return Feature(answer.name, "number")
    if len(answer.levels) > MOST_CLASSES:
        message = f"{len(answer.levels)} different values are too many for classes: at most {MOST_CLASSES}"
        raise InvalidInputError([Fault((FILE, answer.name), message, "too_many_classes")])
    if answer.type == "string":
        return Feature(answer.name, "string", allowed=tuple(answer.levels))
    if not all(float(level).is_integer() for level in answer.levels):
        raise InvalidInputError([Fault((FILE, answer.name), "fractional numbers are no classes", "int_from_float")])
    return Feature(answer.name, "integer", allowed=tuple(map(int, answer.levels)))


def _fill(columns: Mapping[str, Column], task: Task) -> dict[str, str]:
    """A blank for a missing text: a text model reads every document."""
    return {name: " " for name, column in columns.items() if task == "text-classification" and column.holes}


def _missing(cells: Cells, columns: Mapping[str, Column]) -> tuple[str, ...]:
    """What means missing in every file, and what else does in this one."""
    present = {cell.strip() for name in columns for cell in cells[name] if isinstance(cell, str)}
    return (*Files().missing, *(text for text in MISSING if text in present and text not in Files().missing))
