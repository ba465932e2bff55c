"""Predictions made from the arrays that a graph gives, and the types of these arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from functions.core.errors import DamagedVersionError, Fault, InvalidInputError
from functions.core.tasks import Scoring

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Prediction = float | dict[str, Any]
LABEL = "label"
VALUE = ["variable"]
"""The output of a regression graph: float64 [N]."""


def classification_outputs(session: onnxruntime.InferenceSession) -> tuple[Scoring, list[str]]:
    """The scoring of a classification graph, and its outputs.

    They are `label`, int64 [N], an index into the labels, and `probabilities`, float64 [N, labels], or `decision`,
    float64 [N, labels], or [N, 1] for two labels.
    """
    scoring: Scoring = (
        "decision" if "decision" in {output.name for output in session.get_outputs()} else "probabilities"
    )
    return scoring, [LABEL, scoring]


def named_labels(outputs: Sequence[Any], labels: Sequence[str], scoring: Scoring) -> list[Prediction]:
    """A label with its scores or its decision for each row of the outputs of a classification graph.

    Raises InvalidInputError for rows without finite numbers, and DamagedVersionError for labels of another number.
    """
    label, numbers = outputs
    refuse_not_finite(numbers)
    return FORMS[scoring](label, numbers, labels)


def classifications(label: Integers, probabilities: Doubles, labels: Sequence[str]) -> list[Prediction]:
    """A label with its score and all scores for each row of `label` [N] and `probabilities` [N, labels].

    Raises DamagedVersionError for labels of another number, which would name the wrong classes.
    """
    _refuse_other_classes(probabilities.shape[1], labels)
    # chains of map build the dicts in C: a batch of thousands spends most of its time here
    chosen = map(labels.__getitem__, label.tolist())
    scores = map(dict, map(zip, repeat(labels), probabilities.tolist()))
    return [
        {"label": label, "score": by_label[label], "scores": by_label}
        for label, by_label in zip(chosen, scores, strict=True)
    ]


def decisions(label: Integers, decision: Doubles, labels: Sequence[str]) -> list[Prediction]:
    """A label with its decision for each row of `label` [N] and `decision` [N, labels], or [N, 1] for two labels.

    The decision is a number for two labels, and a number for each of several. Raises DamagedVersionError as above.
    """
    of_two = decision.shape[1] == 1
    _refuse_other_classes(2 if of_two else decision.shape[1], labels)
    chosen = map(labels.__getitem__, label.tolist())
    numbers = decision[:, 0].tolist() if of_two else map(dict, map(zip, repeat(labels), decision.tolist()))
    return [{"label": label, "decision": number} for label, number in zip(chosen, numbers, strict=True)]


FORMS: Mapping[Scoring, Callable[[Integers, Doubles, Sequence[str]], list[Prediction]]] = {
    "probabilities": classifications,
    "decision": decisions,
}


def _refuse_other_classes(classes: int, labels: Sequence[str]) -> None:
    if classes != len(labels):
        raise DamagedVersionError(f"the graph has {classes} classes, the manifest {len(labels)} labels")


def refuse_not_finite(values: Doubles) -> None:
    """Raise InvalidInputError with each row of `values` that holds a NaN or an infinity."""
    if np.isfinite(values).all():
        return
    rows = np.unique(np.argwhere(~np.isfinite(values))[:, 0]).tolist()
    raise InvalidInputError(
        [Fault((row,), "the model has no finite prediction for these values", "not_finite") for row in rows]
    )
