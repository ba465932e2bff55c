"""A table looked at: the task, the features, the id, and what is left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.core.column_check import normal
from functions.core.definition import Files
from functions.core.errors import DefinitionError, Fault, InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.tasks import Task
from model_export.draft.column_selection import NOT_READ, one_text, reads_text, useful, without_ids
from model_export.draft.columns import FILE, Column, Kind, read_column
from model_export.draft.estimator import Facts
from model_export.draft.number_spelling import plainly_written
from model_export.draft.spelling import Cells, respelled, spelled, spelling_of, words_for_missing
from model_export.draft.target import refuse_bad_target, target_feature, task_note, task_of


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
    files = spelling_of(cells, facts)
    notes: list[str] = []
    known_texts = frozenset(name for name, kind in facts.kinds.items() if kind == "string") if facts else frozenset()
    cells = plainly_written(respelled(cells, files), texts=known_texts, notes=notes)
    target = _found(spelled(target, files), cells)
    answer, chosen = _answer(target, cells, task, facts)
    columns = {one: _read(one, cells, _kind(one, facts)) for one in cells if one != target}
    identity, columns = without_ids(columns, facts, notes)
    columns = useful(columns, facts, notes)
    if chosen == "text-classification" or (chosen == "tabular-classification" and reads_text(columns, facts)):
        chosen, (columns, join) = "text-classification", one_text(columns, facts, notes)
        files = replace(files, join=join)
    if not columns:
        raise InvalidInputError([Fault((FILE,), "no column is left to predict from", "missing")])
    schema = Schema(
        features=tuple(_feature(one, chosen, facts, files) for one in columns.values()),
        target=target_feature(answer, chosen),
        id=identity.name if identity else None,
    )
    first = task_note(answer, chosen, is_told=task is not None or facts is not None)
    notes += [f"{one.name}: {one.note}" for one in columns.values() if one.note]
    seen = {**columns, target: answer}
    files = replace(files, missing=words_for_missing(cells, seen), fill=_fill(columns, chosen))
    return Draft(name, chosen, schema, seen, identity, files, (first, *notes))


def _answer(target: str, cells: Cells, task: Task | None, facts: Facts | None) -> tuple[Column, Task]:
    """The column to predict, and what that is."""
    answer = _read(target, cells)
    if answer.is_boolean and all(isinstance(cell, str) for cell in cells[target]):
        answer = _read(target, cells, "string")  # classes keep their names
    refuse_bad_target(answer)
    chosen = task or task_of(answer, facts)
    if facts is not None and facts.is_classifier == (chosen == "tabular-regression"):
        raise DefinitionError(f"the pipeline is a {'classifier' if facts.is_classifier else 'regressor'}, not {chosen}")
    if facts is not None and facts.takes_texts and not facts.is_classifier:
        raise DefinitionError("the pipeline predicts numbers from texts, and texts are only classified here")
    return answer, chosen


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


def _feature(column: Column, task: Task, facts: Facts | None, files: Files) -> Feature:
    is_text = task == "text-classification"
    closed = facts.closed.get(column.name, ()) if facts else ()
    is_bit = column.type == "integer" and set(column.levels) == {0, 1}
    return Feature(
        name=column.name,
        type=column.type,
        nullable=(column.holes > 0 or column.note == NOT_READ) and not is_text,
        allowed=_as_typed(closed, column) or ((0, 1) if is_bit else ()),
        categorical=bool(closed) or files.snake_case_values or not (is_text or column.is_free_text),
    )


def _as_typed(values: tuple[Any, ...], column: Column) -> tuple[Any, ...]:
    kind: Any = {"string": str, "integer": int, "number": float}[column.type]
    return tuple(kind(value) for value in values)


def _fill(columns: Mapping[str, Column], task: Task) -> dict[str, str]:
    """A blank for a missing text: a text model reads every document."""
    return {name: " " for name, column in columns.items() if task == "text-classification" and column.holes}
