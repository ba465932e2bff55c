"""Nearest neighbours: each row is compared with all training rows, which the graph holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.bodies import body_of
from model_export.pipelines.convert.distances import distances_of_row
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.probabilities import highest, highest_of_each

MOST_NUMBERS = 1_000_000
"""Training rows times columns: 8 MB of graph, and about a millisecond for each row that is served."""


def neighbours_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Add up the weights of the neighbours by class, in their order, and divide by the sum."""
    targets = estimator._y if estimator.outputs_2d_ else estimator._y.reshape(-1, 1)
    classes = [len(one) for one in (estimator.classes_ if estimator.outputs_2d_ else [estimator.classes_])]
    each = zip(classes, targets[_order(estimator)].T, strict=True)
    votes = np.hstack([np.eye(count)[column] for count, column in each])

    def answer(inner: Graph, nearest: str, weights: str) -> str:
        voted = inner.op("Mul", inner.op("Gather", inner.constant(votes), nearest, axis=0), weights)
        counted = inner.op("ReduceSum", voted, inner.integers(0), keepdims=0)
        total = inner.op("ReduceSum", counted, inner.integers(0), keepdims=1)
        if len(classes) > 1:  # each neighbour votes once for every target
            total = inner.op("Div", total, inner.constant(np.array(float(len(classes)))))
        return inner.op("Div", counted, total)

    probabilities = _of_rows(graph, estimator, inputs[0].name, answer)
    if estimator.outputs_2d_:
        return highest_of_each(graph, probabilities, classes), probabilities
    return highest(graph, probabilities), probabilities


def neighbours_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The mean of the neighbours, by their weights."""
    targets = np.asarray(estimator._y, dtype=np.float64)[_order(estimator)]
    targets = targets.reshape(len(targets), -1)

    def answer(inner: Graph, nearest: str, weights: str) -> str:
        known = inner.op("Gather", inner.constant(targets), nearest, axis=0)
        weighted = inner.op("ReduceSum", inner.op("Mul", known, weights), inner.integers(0), keepdims=0)
        return inner.op("Div", weighted, inner.op("ReduceSum", weights, inner.integers(0), keepdims=0))

    return (graph.predicted(_of_rows(graph, estimator, inputs[0].name, answer), targets.shape[1]),)


def _of_rows(graph: Graph, estimator: Any, x: str, answer: Any) -> str:
    """`answer(graph, nearest [k], weights [k, 1])` for each row, one row after another: memory does not grow."""
    rows = estimator._fit_X
    rows = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows, dtype=np.float64)[_order(estimator)]
    refuse_many(rows, "use HistGradientBoosting")
    if estimator.weights not in (None, "uniform", "distance"):
        raise InexactError("its weights are a function; set weights='uniform' or 'distance'")

    def of_row(inner: Graph, row: str) -> tuple[str, ...]:
        distances = distances_of_row(inner, estimator, rows, row)
        count = inner.integers(estimator.n_neighbors)
        near, nearest = inner.op("TopK", distances, count, outputs=2, axis=0, largest=0, sorted=1)
        return (answer(inner, nearest, weights_of(inner, estimator, near)),)

    body = body_of(graph, {"row": (onnx.TensorProto.DOUBLE, [rows.shape[1]])}, of_row)
    return graph.op("Scan", x, body=body, num_scan_inputs=1)


def _order(estimator: Any) -> Any:
    """Numbers of the training rows, as scikit-learn's tree has them: of rows equally far, the first is nearest.

    The tree begins at the branch of the row that is asked, so the order is not always the same; then parity refuses.
    """
    if estimator._tree is None:
        return np.arange(len(estimator._y))
    return np.asarray(estimator._tree.get_arrays()[1])


def refuse_many(rows: Any, way_out: str) -> None:
    """Raise InexactError for more training rows [R, F] than a graph should hold."""
    if rows.size > MOST_NUMBERS:
        raise InexactError(
            f"it was fitted on {rows.shape[0]} rows of {rows.shape[1]} columns, which each row would be compared with, "
            f"and the limit is {MOST_NUMBERS:,} numbers; fit it on fewer rows, or {way_out}"
        )


def weights_of(graph: Graph, estimator: Any, near: str) -> str:
    """[k, 1]: 1, or one divided by the distance; where distances are 0, these neighbours alone count."""
    one = graph.constant(np.array(1.0))
    column = graph.op("Reshape", near, graph.integers(-1, 1))
    if estimator.weights != "distance":
        return graph.op("Expand", one, graph.op("Shape", column))
    inverse = graph.op("Div", one, column)
    is_same = graph.op("Cast", graph.op("IsInf", inverse), to=onnx.TensorProto.DOUBLE)
    any_same = graph.op("Greater", graph.op("ReduceMax", is_same, keepdims=1), graph.constant(np.array(0.0)))
    return graph.op("Where", any_same, is_same, inverse)
