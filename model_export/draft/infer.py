"""Draft of a model, inferred from a table: the task, the features, the id, and the columns left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from functions.core.column_names import name_fault, other_name, reserved_fault
from functions.core.definition import DecimalMark, Definition, FileSettings, Gate, SavedPipeline
from functions.core.errors import FILE, DefinitionError, Fault, InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.spelling import column_name
from functions.core.tasks import TASKS, Task
from model_export.draft.column_selection import NOT_READ, one_text, reads_text, useful, without_ids
from model_export.draft.columns import Kind, TableColumn, column_of
from model_export.draft.date_spelling import in_iso
from model_export.draft.estimator import Facts
from model_export.draft.known_values import renaming_notes, unknown_notes
from model_export.draft.number_spelling import plainly_written
from model_export.draft.several_targets import (
    refuse_bad_targets,
    refuse_misnamed_targets,
    target_features,
    targets_note,
    task_of_targets,
)
from model_export.draft.spelling import NO_VALUES, find_column, respelled, spelling_of, words_for_missing
from model_export.draft.target import DRAFTED, kind_of_labels
from model_export.training_files.faults import listed, readable_name
from model_export.training_files.sheet import Cells

NO_RENAME: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Draft:
    """A model as its table suggests it; `columns` are the features and the target, `identity` is the id."""

    name: str
    task: Task
    schema: Schema
    columns: Mapping[str, TableColumn]
    identity: TableColumn | None
    files: FileSettings
    notes: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.columns[self.schema.target_names[0]].values)

    @property
    def texts(self) -> tuple[str, ...]:
        """The features whose words count, rather than the whole value."""
        return tuple(name for name in self.schema.feature_names if self.columns[name].is_long_text)

    @property
    def description(self) -> str:
        features = len(self.schema.features)
        of = "one column" if features == 1 else f"{features} columns"
        return f"Predicts {listed(map(readable_name, self.schema.target_names))} from {of}."

    def definition(
        self,
        folder: Path,
        *,
        examples: Sequence[Mapping[str, Any]],
        args: Mapping[str, Any],
        gate: Gate,
        pipeline: SavedPipeline,
    ) -> Definition:
        """The definition of `folder`, which needs no model.toml yet; its digest stays empty."""
        return Definition(
            name=self.name,
            task=self.task,
            description=self.description,
            schema=self.schema,
            folder=folder,
            digest="",
            examples=tuple(examples),
            args=args,
            files=self.files,
            gate=gate,
            pipeline=pipeline,
        )


def infer(
    name: str,
    cells: Cells,
    *,
    target: str | Sequence[str],
    task: Task | None = None,
    facts: Facts | None = None,
    rename: Mapping[str, str] = NO_RENAME,
    rename_values: Mapping[str, Mapping[str, str]] = NO_VALUES,
    decimal: DecimalMark | None = None,
    is_text: bool = True,
) -> Draft:
    """Infer the draft of a model that predicts the column `target`, or several columns in their order.

    `task` overrules the task that the target suggests, `facts` come from a pipeline fitted on such a table,
    `rename` gives columns of the table other names, `rename_values` values of the model's columns; `decimal` is the
    declared decimal mark of the table and of later files; `is_text` is False for a table of JSON. Raises
    InvalidInputError for a table that cannot be learned from, DefinitionError for a pipeline of another table and for
    a name that no feature can have.
    """
    files = replace(spelling_of(cells, facts, rename, rename_values), decimal=decimal)
    notes: list[str] = renaming_notes(files)
    known_texts = frozenset(name for name, kind in facts.kinds.items() if kind == "string") if facts else frozenset()
    cells = respelled(cells, files, facts.time_zones if facts else ())
    cells = plainly_written(cells, texts=known_texts, notes=notes, decimal=decimal)
    wanted = [target] if isinstance(target, str) else target
    named = [find_column(column_name(one, files), cells) for one in wanted]
    cells, orders = in_iso(cells, [one for one in cells if one not in named and _may_be_date(one, facts)], notes)
    files = replace(files, date_order=orders)
    answers, chosen = _answers(named, cells, task, facts)
    columns = {one: _feature_column(one, cells, facts) for one in cells if one not in answers}
    identity, columns = without_ids(columns, facts, notes)
    columns = useful(columns, facts, notes)
    if reads_text(columns, facts):
        chosen = DRAFTED.get(("text", TASKS[chosen].predicts), chosen)
    if TASKS[chosen].reads == "text":
        columns, join = one_text(columns, facts, notes, taken=cells)
        files = replace(files, join=join)
    if not columns:
        raise InvalidInputError([Fault((FILE,), "no column is left to predict from", "missing")])
    schema = Schema(
        features=tuple(_feature(one, chosen, facts, files) for one in columns.values()),
        target=target_features(list(answers.values()), chosen, facts),
        id=identity.name if identity else None,
    )
    _refuse_bad_names(schema, chosen, facts)
    first = targets_note(list(answers.values()), chosen, is_given=task is not None, facts=facts)
    notes += [f"{readable_name(one.name)}: {one.note}" for one in columns.values() if one.note]
    if booleans := [readable_name(one.name) for one in columns.values() if one.is_boolean]:
        notes.append(f"true or false: {listed(booleans)}")
    notes += _date_notes(columns, is_proposed=facts is None)
    notes += unknown_notes(columns, facts) if facts else []
    used = {**columns, **answers}
    files = replace(files, missing=words_for_missing(cells, used, is_text=is_text), fill=_fill(columns, chosen, facts))
    return Draft(name, chosen, schema, used, identity, files, (first, *notes))


def _answers(
    names: Sequence[str], cells: Cells, task: Task | None, facts: Facts | None
) -> tuple[dict[str, TableColumn], Task]:
    """The columns to predict by name, and the task."""
    refuse_misnamed_targets(names, facts)
    labels = facts.labels_by_target if facts else ((),) * len(names)
    answers = {name: _answer(name, cells, own, facts) for name, own in zip(names, labels, strict=True)}
    refuse_bad_targets(list(answers.values()), is_fitted=facts is not None)
    chosen = task or task_of_targets(list(answers.values()), facts)
    if facts is not None and facts.is_classifier != (TASKS[chosen].predicts == "label"):
        raise DefinitionError(f"the pipeline is a {'classifier' if facts.is_classifier else 'regressor'}, not {chosen}")
    return answers, chosen


def _answer(name: str, cells: Cells, labels: Sequence[Any], facts: Facts | None) -> TableColumn:
    answer = _column(name, cells)
    if answer.type == "datetime" and facts is not None:
        answer = _column(name, cells, "string")
    if answer.is_boolean and facts is not None:
        return _column(name, cells, kind_of_labels(labels) if facts.is_classifier else "integer")
    return answer


def _may_be_date(name: str, facts: Facts | None) -> bool:
    """True for every column of a proposal; a pipeline that reads a column takes dates only where it has DateParts."""
    if facts is None or name in facts.time_zones:
        return True
    return facts.columns is not None and name not in facts.read


def _feature_column(name: str, cells: Cells, facts: Facts | None) -> TableColumn:
    kind = facts.kinds.get(name) if facts else None
    column = _column(name, cells, kind)
    if column.type == "datetime" and not _may_be_date(name, facts):
        return _column(name, cells, "string")
    known = facts.time_zones.get(name) if facts else None
    if known and column.levels and known != column.time_zone:
        raise DefinitionError(
            f"the pipeline was fitted on times of {readable_name(name)} "
            + (
                "in UTC, and those of the table have no offset"
                if known == "UTC"
                else "without time zone, and those of the table have an offset"
            )
            + ": write them alike, or fit it on times as the table has them"
        )
    return column


def _date_notes(columns: Mapping[str, TableColumn], *, is_proposed: bool) -> list[str]:
    dates = [column for column in columns.values() if column.type == "datetime"]
    zones = {"without time zone": "none", "in UTC": "UTC"}
    named = {words: [one.name for one in dates if one.time_zone == zone] for words, zone in zones.items()}
    how = "; the proposed pipeline reads their parts, such as month, weekday and days elapsed" if is_proposed else ""
    return [
        f"dates and times {words}: {listed(map(readable_name, names))}{how}" for words, names in named.items() if names
    ]


def _column(name: str, cells: Cells, kind: Kind | None = None) -> TableColumn:
    try:
        return column_of(name, cells[name], kind)
    except ValueError as error:
        raise InvalidInputError([Fault((FILE, name), str(error), "cell_type")]) from None


def _refuse_bad_names(schema: Schema, task: Task, facts: Facts | None) -> None:
    sent = (*schema.feature_names, *([schema.id] if schema.id else []))
    for name in (*sent, *schema.target_names):
        if fault := name_fault(name):
            raise DefinitionError(f"column {name!r}: {fault}")
    for name in sent:
        if fault := reserved_fault(name, task):
            is_fitted_on = facts is not None and name in (facts.columns or ())
            remedy = f"pass --rename {name}={other_name(name)}"
            raise DefinitionError(
                f"column {name!r}: {fault}; {'fit the pipeline on another name and ' if is_fitted_on else ''}{remedy}"
            )


def _feature(column: TableColumn, task: Task, facts: Facts | None, files: FileSettings) -> Feature:
    is_text = TASKS[task].reads == "text"
    closed = facts.closed.get(column.name, ()) if facts else ()
    is_vectorized = _is_vectorized(column, facts)
    # A closed list of 0 and 1 also lets files write true and false.
    known = facts.numbers.get(column.name, frozenset()) if facts else frozenset()
    is_bit = column.type == "integer" and set(column.levels) == {0, 1} and known <= {0, 1}
    has_holes = column.holes > 0 or column.note == NOT_READ or (facts is not None and column.name in facts.missing)
    return Feature(
        name=column.name,
        type=column.type,
        nullable=has_holes and not (is_text or is_vectorized),
        allowed=_as_typed(closed, column) or ((0, 1) if is_bit else ()),
        categorical=bool(closed) or files.snake_case_values or not (is_text or column.is_free_text or is_vectorized),
        time_zone=column.time_zone,
    )


def _is_vectorized(column: TableColumn, facts: Facts | None) -> bool:
    """True for a column that the pipeline's vectorizers read, or those of a proposal would."""
    if facts is None:
        return column.is_long_text
    return facts.takes_texts or column.name in facts.texts


def _as_typed(values: tuple[Any, ...], column: TableColumn) -> tuple[Any, ...]:
    if column.is_boolean or column.type == "datetime":
        return ()
    kind: Any = {"string": str, "integer": int, "number": float}[column.type]
    return tuple(kind(value) for value in values)


def _fill(columns: Mapping[str, TableColumn], task: Task, facts: Facts | None) -> dict[str, str]:
    """A blank for each missing text, because a vectorizer reads every document."""
    is_text = TASKS[task].reads == "text"
    return {
        name: " " for name, column in columns.items() if column.holes and (is_text or _is_vectorized(column, facts))
    }
