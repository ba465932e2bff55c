"""What a predictor answers, made of the arrays that a graph gives."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.errors import Fault, InvalidInputError

Prediction = float | dict[str, Any]


def classifications(
    label: npt.NDArray[np.int64], probabilities: npt.NDArray[np.float64], labels: Sequence[str]
) -> list[Prediction]:
    """A label with its score and all scores for each row of `label` [N] and `probabilities` [N, labels]."""
    chosen = map(labels.__getitem__, label.tolist())
    scores = map(dict, map(zip, repeat(labels), probabilities.tolist()))
    return [
        {"label": label, "score": by_label[label], "scores": by_label}
        for label, by_label in zip(chosen, scores, strict=True)
    ]


def refuse_not_finite(values: npt.NDArray[np.float64]) -> None:
    """Raises InvalidInputError that names the rows of `values` with a NaN or an infinity."""
    if np.isfinite(values).all():
        return
    rows = np.unique(np.argwhere(~np.isfinite(values))[:, 0]).tolist()
    raise InvalidInputError(
        [Fault((row,), "the model has no finite prediction for these values", "not_finite") for row in rows]
    )
