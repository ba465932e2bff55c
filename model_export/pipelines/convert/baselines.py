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
    predicted = np.asarray(estimator.predict(row).toarray() if estimator.sparse_output_ else estimator.predict(row))
    if estimator.n_outputs_ == 1:
        label = np.flatnonzero(estimator.classes_ == predicted[0])
        return repeated(graph, inputs[0], label), repeated(graph, inputs[0], probabilities)
    pairs = zip(estimator.classes_, predicted[0], strict=True)
    labels = np.array([[int(np.flatnonzero(classes == label)[0]) for classes, label in pairs]])
    return repeated(graph, inputs[0], labels), repeated(graph, inputs[0], np.hstack(probabilities))


def dummy_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    constant = np.asarray(estimator.constant_, dtype=np.float64).reshape(1, -1)
    return (graph.predicted(repeated(graph, inputs[0], constant), constant.shape[1]),)


def repeated(graph: Graph, tensor: Tensor, row: Any) -> str:
    """A constant [1, ...] once for each row of the tensor."""
    rows = graph.op("Shape", tensor.name, start=0, end=1)
    shape = graph.op("Concat", rows, graph.integers(*row.shape[1:]), axis=0) if row.ndim > 1 else rows
    return graph.op("Expand", graph.constant(row), shape)
