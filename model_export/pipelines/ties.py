"""Rows whose prediction hangs on the last bit of a number, as a threshold of the model lies at that very number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.impute import KNNImputer
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline

from model_export.pipelines import answers
from model_export.pipelines.convert.inspection import unwrapped, walk

VISIBLE = 1e-6
"""A step over a threshold changes a prediction by more than rounding does."""


def neighbour_hint(pipeline: Any) -> str:
    """The cause and the nearest way for a pipeline of neighbours; else ""."""
    steps = [step for _, step in walk(pipeline)]
    if any(isinstance(step, KNNImputer) for step in steps):
        return (
            ". Several training rows of other values are as far from it as the last neighbour of the KNNImputer, and "
            "which of them scikit-learn takes depends on numpy and the processor; give it a column more that tells "
            "them apart, a scaler before it, or use IterativeImputer or SimpleImputer"
        )
    if not any(isinstance(step, KNeighborsClassifier | KNeighborsRegressor) for step in steps):
        return ""
    return (
        ". Several training rows of other values are as far from it as the last neighbour, and which of them counts "
        "depends on the shape of scikit-learn's tree; take more columns or fewer equal rows, or a HistGradientBoosting"
    )


def tie_hint(pipeline: Any, rows: Any) -> str:
    """The cause and the nearest way, if the last step predicts `rows` otherwise one bit higher or lower; else ""."""
    steps = unwrapped(pipeline)
    if isinstance(steps, TransformedTargetRegressor):
        steps = unwrapped(steps.regressor_)
    if not isinstance(steps, Pipeline) or len(steps) < 2:
        return ""
    numbers = steps[:-1].transform(rows)
    numbers = numbers.toarray() if hasattr(numbers, "toarray") else np.asarray(numbers)
    if numbers.dtype != np.float64 or not _hangs_on_a_bit(steps[-1], numbers):
        return ""
    return (
        f". A threshold of the {type(steps[-1]).__name__} lies at the very number that the steps before it compute "
        "there, and the last bit of a logarithm, power, spline or projection differs between libraries and machines. "
        "Trees need no logarithm or power before them: leave it out; or end in a GradientBoosting or RandomForest, "
        "whose thresholds lie halfway between values"
    )


def _hangs_on_a_bit(model: Any, numbers: npt.NDArray[np.float64]) -> bool:
    expected = _predicted(model, numbers)
    return any(
        not np.allclose(_predicted(model, np.nextafter(numbers, side)), expected, rtol=VISIBLE, atol=0)
        for side in (np.inf, -np.inf)
    )


def _predicted(model: Any, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return answers.scores(model, numbers) if is_classifier(model) else answers.predicted_values(model, numbers)
