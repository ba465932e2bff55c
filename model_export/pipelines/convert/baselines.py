"""DummyClassifier and DummyRegressor, which answer the same for every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor


def dummy_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    if estimator.strategy in ("stratified", "uniform"):
        raise InexactError(f"strategy={estimator.strategy!r} guesses at random; set strategy='prior'")
    row = np.zeros((1, 1))
    probabilities = estimator.predict_proba(row)
    label = np.flatnonzero(estimator.classes_ == estimator.predict(row)[0])
    return _repeated(graph, inputs[0], label), _repeated(graph, inputs[0], probabilities)


def dummy_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    constant = np.asarray(estimator.constant_, dtype=np.float64).reshape(-1)
    if len(constant) != 1:
        raise InexactError("it predicts several targets; train one model for each")
    return (_repeated(graph, inputs[0], constant),)


def _repeated(graph: Graph, tensor: Tensor, row: Any) -> str:
    """A constant [1, ...] once for each row of the tensor."""
    rows = graph.op("Shape", tensor.name, start=0, end=1)
    shape = graph.op("Concat", rows, graph.integers(*row.shape[1:]), axis=0) if row.ndim > 1 else rows
    return graph.op("Expand", graph.constant(row), shape)
