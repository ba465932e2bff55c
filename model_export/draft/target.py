"""The column to predict, and the task inferred from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from functions.core.errors import FILE, Fault, InvalidInputError
from functions.core.schema import Feature
from functions.core.tasks import TASKS, Predicts, Reads, Task
from model_export.draft.columns import Kind, TableColumn
from model_export.draft.estimator import Facts
from model_export.draft.proposal import PROPOSALS
from model_export.training_files.faults import readable_name

MOST_CLASSES = 100
# Ratings and codes have few values with many rows each; counts and prices do not.
MOST_NUMBERED_CLASSES = 10
ROWS_OF_A_CLASS = 10
DRAFTED: Mapping[tuple[Reads, Predicts], Task] = {
    (TASKS[task].reads, TASKS[task].predicts): task for task in reversed(tuple(PROPOSALS))
}
"""The task that is drafted for what a model reads and predicts: the first, where several do both."""


def refuse_bad_target(column: TableColumn) -> None:
    if column.type == "datetime":
        message = "dates are no target: predict the days until then, as a number"
        raise InvalidInputError([Fault((FILE, column.name), message, "datetime_type")])
    if column.holes:
        first = column.values.index(None) + 1
        message = f"{column.holes} rows have no value to learn from, the first is row {first} below the header"
        raise InvalidInputError([Fault((FILE, column.name), message, "missing")])
    if column.is_constant:
        raise InvalidInputError([Fault((FILE, column.name), "all rows have the same value", "single_class")])


def task_of(answer: TableColumn, facts: Facts | None) -> Task:
    if facts is not None:
        return DRAFTED["table", "label" if facts.is_classifier else "number"]
    if answer.type == "string" or answer.is_boolean:
        return DRAFTED["table", "label"]
    whole = all(float(level).is_integer() for level in answer.levels)
    few = len(answer.levels) == 2 or (
        len(answer.levels) <= MOST_NUMBERED_CLASSES and len(answer.values) >= ROWS_OF_A_CLASS * len(answer.levels)
    )
    return DRAFTED["table", "label" if whole and few else "number"]


def task_note(answer: TableColumn, task: Task, *, is_given: bool) -> str:
    if TASKS[task].predicts == "label":
        kind = {"string": "texts", "boolean": "values, true and false"}.get(answer.type, "whole numbers")
        why, other = f"{readable_name(answer.name)} is one of {len(answer.levels)} {kind}", DRAFTED["table", "number"]
    else:
        why, other = f"{readable_name(answer.name)} is a number", DRAFTED["table", "label"]
    is_open = answer.type != "string" and not answer.is_boolean and not is_given
    return f"{task}: {why}" + (f" (if not, --task {other})" if is_open else "")


def kind_of_labels(labels: Sequence[Any]) -> Kind | None:
    """The type of the classes of a pipeline, so that retraining gives them the same names; None without classes."""
    if not labels or all(isinstance(label, bool) for label in labels):
        return None
    return "string" if all(isinstance(label, str) for label in labels) else "integer"


def target_feature(answer: TableColumn, task: Task, labels: Sequence[Any] = ()) -> Feature:
    """The target of a model; `labels` are the classes of a pipeline that was fitted on it.

    Raises InvalidInputError for values that are no target of the task.
    """
    if TASKS[task].predicts != "label":
        if answer.type in ("string", "boolean"):
            kinds = "texts" if answer.type == "string" else "true and false"
            raise InvalidInputError(
                [Fault((FILE, answer.name), f"a regression predicts numbers, and these are {kinds}", "number_parsing")]
            )
        return Feature(answer.name, "number")
    if len(answer.levels) > MOST_CLASSES:
        message = f"{len(answer.levels)} different values are too many classes: at most {MOST_CLASSES}"
        raise InvalidInputError([Fault((FILE, answer.name), message, "too_many_classes")])
    if answer.is_boolean:
        return Feature(answer.name, "boolean")
    if answer.type == "string":
        return Feature(answer.name, "string", allowed=tuple(answer.levels))
    if any(isinstance(label, float) for label in labels):
        # Classes that were floats stay floats: 0.0 would be called 0 after the first retraining.
        return Feature(answer.name, "number", allowed=tuple(map(float, answer.levels)))
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
