"""The column to predict, and the task that follows from it."""

from __future__ import annotations

from functions.core.errors import Fault, InvalidInputError
from functions.core.schema import Feature
from functions.core.tasks import Task
from model_export.draft.columns import TableColumn
from model_export.draft.estimator import Facts
from model_export.training_files.faults import FILE, shown

MOST_CLASSES = 100
MOST_NUMBERED_CLASSES = 10
ROWS_OF_A_CLASS = 10


def refuse_bad_target(column: TableColumn) -> None:
    if column.holes:
        row = column.values.index(None)
        message = f"{column.holes} rows have no value to learn from, the first is row {row}; remove them"
        raise InvalidInputError([Fault((FILE, column.name), message, "missing")])
    if column.is_constant:
        raise InvalidInputError([Fault((FILE, column.name), "all rows have the same value", "single_class")])


def task_of(answer: TableColumn, facts: Facts | None) -> Task:
    if facts is not None:
        return "tabular-classification" if facts.is_classifier else "tabular-regression"
    if answer.type == "string" or answer.is_boolean:
        return "tabular-classification"
    whole = all(float(level).is_integer() for level in answer.levels)
    few = len(answer.levels) == 2 or (
        len(answer.levels) <= MOST_NUMBERED_CLASSES and len(answer.values) >= ROWS_OF_A_CLASS * len(answer.levels)
    )
    return "tabular-classification" if whole and few else "tabular-regression"


def task_note(answer: TableColumn, task: Task, *, is_given: bool) -> str:
    if task == "tabular-regression":
        why = f"{shown(answer.name)} is a number"
    else:
        kind = "texts" if answer.type == "string" else "whole numbers"
        why = f"{shown(answer.name)} is one of {len(answer.levels)} {kind}"
    other = "tabular-regression" if task != "tabular-regression" else "tabular-classification"
    is_open = answer.type != "string" and not answer.is_boolean and not is_given
    return f"{task}: {why}" + (f" (if not, --task {other})" if is_open else "")


def target_feature(answer: TableColumn, task: Task) -> Feature:
    if task == "tabular-regression":
        if answer.type == "string":
            raise InvalidInputError(
                [Fault((FILE, answer.name), "a regression predicts numbers, and these are texts", "number_parsing")]
            )
        return Feature(answer.name, "number")
    if len(answer.levels) > MOST_CLASSES:
        message = f"{len(answer.levels)} different values are too many classes: at most {MOST_CLASSES}"
        raise InvalidInputError([Fault((FILE, answer.name), message, "too_many_classes")])
    if answer.type == "string":
        return Feature(answer.name, "string", allowed=tuple(answer.levels))
    if not all(float(level).is_integer() for level in answer.levels):
        raise InvalidInputError(
            [
                Fault(
                    (FILE, answer.name),
                    "classes are texts or whole numbers, and these are fractional",
                    "int_from_float",
                )
            ]
        )
    return Feature(answer.name, "integer", allowed=tuple(map(int, answer.levels)))
