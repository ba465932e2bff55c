"""Names for classes that were numbered before the pipeline was fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from functions.core.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class Naming:
    """Names in the order of the pipeline's classes, and the accuracy with these names, from 0 to 1."""

    names: tuple[str, ...]
    agreement: float


def needs_names(labels: Sequence[Any], levels: Sequence[Any]) -> bool:
    """Return True if the pipeline was fitted on 0, 1, ... (or False and True) while the table has words."""
    numbered = bool(labels) and all(isinstance(one, bool | int | float) for one in labels)
    return numbered and all(isinstance(one, str) for one in levels) and len(labels) == len(levels)


def name_labels(pipeline: Any, rows: Any, truth: Sequence[str], known: Sequence[str] = ()) -> Naming:
    """Give `pipeline` the names `known` of its classes, or the labels found in `truth` in alphabetical order.

    LabelEncoder numbers them in that order, and so does `target == "yes"` where the other label is "no". Raises
    DefinitionError where the predictions for `rows` contradict it, or the classifier cannot be renamed.
    """
    names = list(known) if set(known) == set(truth) else sorted(set(truth))
    numbers = [names.index(label) for label in truth]
    predicted = np.searchsorted(pipeline.classes_, pipeline.predict(rows))
    agreement = float(np.mean(predicted == numbers))
    reverse = float(np.mean(len(names) - 1 - predicted == numbers))
    if agreement < reverse:
        raise DefinitionError(
            f"the pipeline predicts {', '.join(map(str, pipeline.classes_))}, and the target is one of"
            f" {', '.join(names)}: its predictions match the names better in reverse order; fit it on the names"
        )
    _rename(pipeline, np.array(names, dtype=object))
    # Some classifiers keep their labels in other places, and ignore a new classes_.
    if set(pipeline.predict(rows[:1])) - set(names):
        raise DefinitionError(
            f"the labels of a {type(_last(pipeline)).__name__} cannot be renamed; fit it on the names"
        )
    return Naming(tuple(names), agreement)


def _rename(pipeline: Any, names: Any) -> None:
    model = _last(pipeline)
    for encoder in ("_label_encoder", "le_"):
        # HistGradientBoosting numbers with its own encoder in training alone
        if hasattr(getattr(model, encoder, None), "classes_") and encoder in vars(model):
            getattr(model, encoder).classes_ = names
    model.classes_ = names


def _last(pipeline: Any) -> Any:
    while isinstance(pipeline, Pipeline):
        pipeline = pipeline.steps[-1][1]
    return pipeline
