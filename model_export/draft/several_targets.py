"""The columns to predict, one or several, and the task inferred from all of them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from functions.core.errors import FILE, DefinitionError, Fault, InvalidInputError
from functions.core.schema import Feature
from functions.core.tasks import TASKS, Task
from model_export.draft.columns import TableColumn
from model_export.draft.estimator import Facts
from model_export.draft.target import DRAFTED, refuse_bad_target, target_feature, task_note, task_of
from model_export.training_files.faults import listed, readable_name


def refuse_misnamed_targets(names: Sequence[str], facts: Facts | None) -> None:
    """Raise DefinitionError for a column that is named twice, and for another number than the pipeline predicts."""
    repeated = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if repeated is not None:
        raise DefinitionError(f"--target {repeated} is given twice: name each column to predict once")
    if facts is None or facts.targets == len(names):
        return
    if facts.targets == 1:
        raise DefinitionError(
            f"the pipeline predicts one target, and {len(names)} are named, {_names(names)}: name the one that it was "
            "fitted on"
        )
    raise DefinitionError(
        f"the pipeline predicts {facts.targets} targets, and {_names(names)} is named: give a --target for each, in "
        "the order of the columns that it was fitted on"
    )


def refuse_other_order(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise DefinitionError for targets in another order than the MultiLabelBinarizer of the pipeline's file has."""
    if set(names) == set(known) and list(names) != list(known):
        options = " ".join(f"--target {shlex.quote(name)}" for name in known)
        raise DefinitionError(
            f"the MultiLabelBinarizer in the file has the labels in another order than the targets: {options} of "
            "`despliegue new` makes a model in its order"
        )


def refuse_bad_targets(answers: Sequence[TableColumn], *, is_fitted: bool) -> None:
    """Raise InvalidInputError for a target with holes, or with one value in all rows.

    One of several targets of a fitted pipeline may be constant: rare labels are, in many a table.
    """
    varies = any(not answer.is_constant for answer in answers)
    for answer in answers:
        if not (is_fitted and len(answers) > 1 and varies and answer.is_constant and not answer.holes):
            refuse_bad_target(answer)


def task_of_targets(answers: Sequence[TableColumn], facts: Facts | None) -> Task:
    """The task of all targets: whole numbers of few values are labels, unless another target is no label.

    Raises InvalidInputError for texts beside fractional numbers.
    """
    tasks = [task_of(answer, facts) for answer in answers]
    if len(set(tasks)) == 1:
        return tasks[0]
    numbers = [answer.name for answer, task in zip(answers, tasks, strict=True) if TASKS[task].predicts == "number"]
    texts = [answer.name for answer in answers if answer.type in ("string", "boolean")]
    if texts:
        raise InvalidInputError(
            [
                Fault(
                    (FILE, texts[0]),
                    f"a model predicts numbers, such as {readable_name(numbers[0])}, or labels, such as these, and not "
                    "both: make one model of each kind",
                    "mixed_targets",
                )
            ]
        )
    return DRAFTED["table", "number"]


def target_features(answers: Sequence[TableColumn], task: Task, facts: Facts | None) -> Feature | tuple[Feature, ...]:
    """The target of a model, or all of them; `facts` are of a pipeline that was fitted on them.

    Raises InvalidInputError for values that are no target of the task.
    """
    if len(answers) == 1:
        return target_feature(answers[0], task, facts.labels if facts else ())
    labels = facts.labels_by_target if facts else ((),) * len(answers)
    pairs = zip(answers, labels, strict=True)
    return tuple(_with_labels(target_feature(answer, task, own), own) for answer, own in pairs)


def _with_labels(target: Feature, labels: Sequence[Any]) -> Feature:
    """The target with the labels of the pipeline too: a table may lack one of a target that is rare."""
    kinds = {type(value) for value in target.allowed}
    if not target.allowed or {type(label) for label in labels} != kinds:
        return target
    return replace(target, allowed=tuple(sorted({*target.allowed, *labels})))


def targets_note(answers: Sequence[TableColumn], task: Task, *, is_given: bool, facts: Facts | None) -> str:
    """The task, and why; of several targets their order too, which a fitted pipeline does not know by name."""
    if len(answers) == 1:
        return task_note(answers[0], task, is_given=is_given or facts is not None)
    kind = "labels" if TASKS[task].predicts == "label" else "numbers"
    found = f"{task}: {len(answers)} {kind} are predicted together, {_names(answer.name for answer in answers)}"
    if facts is None:
        return found
    return f"{found}; the pipeline does not name its targets, so they are assumed to be in the order of --target"


def _names(names: Any) -> str:
    return listed(map(readable_name, names))
