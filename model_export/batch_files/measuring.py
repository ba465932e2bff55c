"""Metrics of the predictions of a batch whose file has the true values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from functions.core.manifest import Manifest
from model_export.pipelines.candidate import by_target
from model_export.pipelines.metrics import MetricValues, Scored
from model_export.pipelines.target_metrics import measure_targets


def measured(manifest: Manifest, predictions: Sequence[Any], truths: Sequence[Mapping[str, Any]]) -> MetricValues:
    """The metrics of predictions, as `/predict` gives them, on rows with true values by the name of the target.

    Rows without a true value, or with one that the version has no label for, are left out. Empty if none is left.
    """
    schema = manifest.schema
    own = dict(zip(schema.target_names, by_target(manifest.labels, schema), strict=True))
    rows = [pair for pair in zip(predictions, truths, strict=True) if _is_known(pair[1], own)]
    if not rows:
        return {}
    by_name = {
        name: [prediction[name] if schema.has_several_targets else prediction for prediction, _ in rows]
        for name in schema.target_names
    }
    truth = {name: [true[name] for _, true in rows] for name in schema.target_names}
    return measure_targets({name: _scored(by_name[name], truth[name], own[name]) for name in schema.target_names})


def _is_known(truth: Mapping[str, Any], own: Mapping[str, Sequence[Any]]) -> bool:
    return all(truth.get(name) in labels if labels else truth.get(name) is not None for name, labels in own.items())


def _scored(predictions: Sequence[Any], truth: Sequence[Any], labels: Sequence[Any]) -> Scored:
    if not labels:
        return Scored(np.array(truth, dtype=np.float64), np.array(predictions, dtype=np.float64))
    names = tuple(map(str, labels))
    place = {name: position for position, name in enumerate(names)}
    key = "probabilities" if "scores" in predictions[0] else "decision"
    numbers = [_in_order(one["scores" if key == "probabilities" else key], names) for one in predictions]
    return Scored(
        truth=np.array([labels.index(one) for one in truth], dtype=np.int64),
        predicted=np.array([place[str(one["label"])] for one in predictions], dtype=np.int64),
        labels=names,
        **{key: np.array(numbers, dtype=np.float64)},
    )


def _in_order(numbers: Mapping[str, float] | float, names: Sequence[str]) -> list[float]:
    """The scores in the order of the labels; the one decision of two labels alone."""
    return [numbers[name] for name in names] if isinstance(numbers, Mapping) else [numbers]
