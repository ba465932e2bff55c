"""KNNImputer: each missing number from the training rows that are nearest to its row and have that column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from model_export.pipelines.convert.bodies import body_of
from model_export.pipelines.convert.distances import nan_euclidean_distances_of_row
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.imputers import indicator, missing_numbers
from model_export.pipelines.convert.neighbours import refuse_many, weights_of

DOUBLE, INT64 = onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64


def nearest_filled(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The columns that had a value in training, with every missing number filled.

    One missing number is worked on after another, so that memory does not grow. Of donors equally far the first of the
    training rows counts; which one scikit-learn takes depends on the processor.
    """
    _refuse_inexact(estimator)
    (tensor,) = inputs
    missing = missing_numbers(graph, estimator, tensor.name)
    learned = graph.constant(estimator._valid_mask.reshape(1, -1))
    places = graph.op("Transpose", graph.op("NonZero", graph.op("And", missing, learned)), perm=[1, 0])
    rows = graph.op("Gather", places, graph.constant(np.array(0)), axis=1)
    zero = graph.constant(np.array(0.0))
    asked = [
        graph.op("Gather", graph.op("Where", missing, zero, tensor.name), rows, axis=0),
        graph.op("Gather", graph.op("Cast", missing, to=DOUBLE), rows, axis=0),
        graph.op("Gather", places, graph.constant(np.array(1)), axis=1),
    ]
    asked = [
        graph.op("Concat", numbers, graph.constant(more), axis=0)
        for numbers, more in zip(asked, _one_more(estimator), strict=True)
    ]
    found = graph.op("Scan", *asked, body=_body(graph, estimator), num_scan_inputs=len(asked))
    found = graph.op("Slice", found, graph.integers(0), graph.integers(-1))
    filled = graph.op("ScatterND", tensor.name, places, found)
    columns = [_without_empty(graph, estimator, filled)]
    if estimator.add_indicator and len(estimator.indicator_.features_):
        columns += indicator(graph, estimator.indicator_, inputs)
    return (graph.concat(columns),)


def _one_more(estimator: Any) -> tuple[NDArray[Any], ...]:
    """A number that nobody asks for: ONNX Runtime refuses to scan nothing."""
    width = int(estimator.n_features_in_)
    return np.zeros((1, width)), np.ones((1, width)), np.zeros(1, dtype=np.int64)


def _body(graph: Graph, estimator: Any) -> onnx.GraphProto:
    """One missing number, from its row with zeros for what is missing, the marks of these (1.0), and its column."""
    missing = np.asarray(estimator._mask_fit_X)
    rows = np.where(missing, 0.0, estimator._fit_X)
    counts = (~missing).sum(axis=0)
    means = rows.sum(axis=0) / np.maximum(counts, 1)

    def of_cell(inner: Graph, row: str, absent: str, column: str) -> tuple[str, ...]:
        zero, infinite = inner.constant(np.array(0.0)), inner.constant(np.array(np.inf))
        distances = nan_euclidean_distances_of_row(inner, rows, missing, row, absent)
        lacks = inner.op("Gather", inner.constant(np.ascontiguousarray(missing.T)), column, axis=0)
        is_out = inner.op("Or", inner.op("IsNaN", distances), lacks)
        # a distance beyond all doubles still comes before a row that cannot be compared
        finite = inner.op("Min", distances, inner.constant(np.array(np.finfo(np.float64).max)))
        order = inner.op("Where", is_out, infinite, finite)
        most = inner.integers(min(estimator.n_neighbors, len(rows)))
        _, nearest = inner.op("TopK", order, most, outputs=2, axis=0, largest=0, sorted=1)
        takes_none = inner.op("Gather", is_out, nearest, axis=0)
        near = inner.op("Where", takes_none, infinite, inner.op("Gather", distances, nearest, axis=0))
        weights = inner.op("Where", takes_none, zero, inner.flat(weights_of(inner, estimator, near)))
        values = inner.op("Gather", inner.constant(np.ascontiguousarray(rows.T)), column, axis=0)
        weighted = inner.op("Mul", inner.op("Gather", values, nearest, axis=0), weights)
        average = inner.op("Div", _sum(inner, weighted), _sum(inner, weights))
        has_none = inner.op("ReduceMin", inner.op("Cast", takes_none, to=INT64), inner.integers(0), keepdims=0)
        mean = inner.op("Gather", inner.constant(means), column, axis=0)
        return (inner.op("Where", inner.op("Cast", has_none, to=onnx.TensorProto.BOOL), mean, average),)

    width = int(estimator.n_features_in_)
    return body_of(graph, {"row": (DOUBLE, [width]), "absent": (DOUBLE, [width]), "column": (INT64, [])}, of_cell)


def _sum(graph: Graph, vector: str) -> str:
    return graph.op("ReduceSum", vector, graph.integers(0), keepdims=0)


def _without_empty(graph: Graph, estimator: Any, x: str) -> str:
    """The columns that had a value in training; with `keep_empty_features` the others are 0, whatever they hold."""
    learned = estimator._valid_mask
    if learned.all():
        return x
    if estimator.keep_empty_features:
        return graph.op("Where", graph.constant(learned.reshape(1, -1)), x, graph.constant(np.array(0.0)))
    return graph.gather(x, np.flatnonzero(learned).tolist())


def _refuse_inexact(estimator: Any) -> None:
    if estimator.metric != "nan_euclidean":
        raise InexactError("its metric is a function; leave metric='nan_euclidean'")
    if estimator.weights not in (None, "uniform", "distance"):
        raise InexactError("its weights are a function; set weights='uniform' or 'distance'")
    if estimator._fit_X.dtype != np.float64:
        raise InexactError(f"it was fitted on {estimator._fit_X.dtype} columns; fit it on float64 columns")
    refuse_many(estimator._fit_X, "use IterativeImputer or SimpleImputer")
