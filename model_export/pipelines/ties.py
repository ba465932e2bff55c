"""Rows whose prediction hangs on the last bit of a number, as a threshold of the model lies at that very number."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.impute import KNNImputer
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    PowerTransformer,
    QuantileTransformer,
    SplineTransformer,
)

from model_export.pipelines import answers
from model_export.pipelines.convert.inspection import unwrapped, walk
from model_export.transformers.expressions import Expressions

VISIBLE = 1e-6
"""A step over a threshold changes a prediction by more than rounding does."""
COMPARING = (Binarizer, KBinsDiscretizer, QuantileTransformer)
"""Steps that compare with numbers of the training, or of their own."""
ROUNDING = (Expressions, FunctionTransformer, PowerTransformer, SplineTransformer)
"""Steps before them of which the last bit may differ."""


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
    """The cause and the nearest way, if a step answers `rows` otherwise one bit higher or lower; else "".

    The step is the last one, or one that compares with numbers of the training behind a step that rounds.
    """
    steps = unwrapped(pipeline)
    if isinstance(steps, TransformedTargetRegressor):
        steps = unwrapped(steps.regressor_)
    if not isinstance(steps, Pipeline) or len(steps) < 2:
        return ""
    return _last_step_hint(steps, rows) or _inner_step_hint(steps, rows)


def _last_step_hint(steps: Pipeline, rows: Any) -> str:
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


def _inner_step_hint(pipeline: Pipeline, rows: Any) -> str:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        expected = _predicted(pipeline, rows)
        for container, place, step in _comparing_steps(pipeline):
            for side in (np.inf, -np.inf):
                if not np.allclose(_predicted(_nudged(pipeline, container, place, side), rows), expected, VISIBLE, 0):
                    return (
                        f". A threshold of the {type(step).__name__} lies at the very number that the steps before it "
                        "compute there, and the last bit of a logarithm or power differs between libraries and "
                        "machines. Quantiles of the rows are the same without an increasing function such as a "
                        "logarithm before them: leave it out"
                    )
    return ""


def _comparing_steps(pipeline: Pipeline) -> Iterator[tuple[int, int, Any]]:
    """Each such step behind one that rounds, with the number of its Pipeline in `walk`, and its place there."""
    for container, (_, inner) in enumerate(walk(pipeline)):
        steps = [step for _, step in inner.steps] if isinstance(inner, Pipeline) else []
        for place, step in enumerate(steps):
            before = [one for earlier in steps[:place] for _, one in walk(earlier)]
            if isinstance(step, COMPARING) and any(isinstance(one, ROUNDING) for one in before):
                yield container, place, step


def _nudged(pipeline: Pipeline, container: int, place: int, side: float) -> Pipeline:
    """A copy in which the step at that place gets the next numbers."""
    copied = deepcopy(pipeline)
    inner = [step for _, step in walk(copied)][container]
    inner.steps.insert(place, ("nudged", FunctionTransformer(_next_numbers, kw_args={"side": side})))
    return copied


def _next_numbers(numbers: Any, side: float) -> npt.NDArray[np.float64]:
    return np.asarray(np.nextafter(np.asarray(numbers, dtype=np.float64), side))


def _hangs_on_a_bit(model: Any, numbers: npt.NDArray[np.float64]) -> bool:
    expected = _predicted(model, numbers)
    return any(
        not np.allclose(_predicted(model, np.nextafter(numbers, side)), expected, rtol=VISIBLE, atol=0)
        for side in (np.inf, -np.inf)
    )


def _predicted(model: Any, numbers: Any) -> npt.NDArray[np.float64]:
    return answers.scores(model, numbers) if is_classifier(model) else answers.predicted_values(model, numbers)
