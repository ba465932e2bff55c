"""Predictions made from the arrays that a graph gives, and the types of these arrays."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.errors import DamagedVersionError, Fault, InvalidInputError

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Prediction = float | dict[str, Any]
CLASSIFICATION_OUTPUTS = ["label", "probabilities"]
"""Outputs of a classification graph: int64 [N], an index into the labels, and float64 [N, labels]."""


def classifications(label: Integers, probabilities: Doubles, labels: Sequence[str]) -> list[Prediction]:
    """A label with its score and all scores for each row of `label` [N] and `probabilities` [N, labels].

    Raises DamagedVersionError for labels of another number, which would name the wrong classes.
    """
    if probabilities.shape[1] != len(labels):
        raise DamagedVersionError(f"the graph has {probabilities.shape[1]} classes, the manifest {len(labels)} labels")
    # chains of map build the dicts in C: a batch of thousands spends most of its time here
    chosen = map(labels.__getitem__, label.tolist())
    scores = map(dict, map(zip, repeat(labels), probabilities.tolist()))
    return [
        {"label": label, "score": by_label[label], "scores": by_label}
        for label, by_label in zip(chosen, scores, strict=True)
    ]


def refuse_not_finite(values: Doubles) -> None:
    """Raise InvalidInputError with each row of `values` that holds a NaN or an infinity."""
    if np.isfinite(values).all():
        return
    rows = np.unique(np.argwhere(~np.isfinite(values))[:, 0]).tolist()
    raise InvalidInputError(
        [Fault((row,), "the model has no finite prediction for these values", "not_finite") for row in rows]
    )
