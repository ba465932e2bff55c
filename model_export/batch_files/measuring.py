"""Metrics of the predictions of a batch whose file has the true values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from functions.core.manifest import Manifest
from model_export.pipelines.candidate import by_target
from model_export.pipelines.metrics import MetricValues, Scored
from model_export.pipelines.target_metrics import measure_targets


class Measurement:
    """The predictions so far with their true values, as arrays."""

    def __init__(self, manifest: Manifest) -> None:
        self._has_several = manifest.schema.has_several_targets
        names = manifest.schema.target_names
        self._labels = dict(zip(names, by_target(manifest.labels, manifest.schema), strict=True))
        self._parts: dict[str, list[Scored]] = {name: [] for name in names}

    def add(self, predictions: Sequence[Any], truths: Sequence[Mapping[str, Any]]) -> None:
        """Take predictions, as `/predict` gives them, with the true values by target.

        Rows without a true value, or with one that the version has no label for, are left out.
        """
        rows = [pair for pair in zip(predictions, truths, strict=True) if _is_known(pair[1], self._labels)]
        if not rows:
            return
        for name, labels in self._labels.items():
            found = [prediction[name] if self._has_several else prediction for prediction, _ in rows]
            self._parts[name].append(_scored(found, [true[name] for _, true in rows], labels))

    def metrics(self) -> MetricValues:
        """The metrics of all rows; empty if none has a true value."""
        if not any(self._parts.values()):
            return {}
        return measure_targets({name: _joined(parts) for name, parts in self._parts.items()})


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


def _joined(parts: Sequence[Scored]) -> Scored:
    first = parts[0]

    def joined(name: str) -> Any:
        arrays = [getattr(part, name) for part in parts]
        return None if arrays[0] is None else np.concatenate(arrays)

    return Scored(joined("truth"), joined("predicted"), first.labels, joined("probabilities"), joined("decision"))
