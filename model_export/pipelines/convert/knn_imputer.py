"""KNNImputer: each missing number from the training rows that are nearest to its row and have that column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.bodies import TensorInput, body_of
from model_export.pipelines.convert.distances import nan_euclidean_distances_of_row
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.imputers import indicator, missing_numbers
from model_export.pipelines.convert.neighbours import refuse_many, weights_of

DOUBLE, INT64, BOOL = onnx.TensorProto.DOUBLE, onnx.TensorProto.INT64, onnx.TensorProto.BOOL


def nearest_filled(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The columns that had a value in training, with every missing number filled.

    One missing number is worked on after another, so that memory does not grow, and a row without any costs nothing.
    Of donors equally far the first of the training rows counts; which one scikit-learn takes depends on the processor.
    """
    _refuse_inexact(estimator)
    (tensor,) = inputs
    missing = missing_numbers(graph, estimator, tensor.name)
    learned = graph.constant(estimator._valid_mask.reshape(1, -1))
    places = graph.op("Transpose", graph.op("NonZero", graph.op("And", missing, learned)), perm=[1, 0])
    rows = graph.op("Gather", places, graph.constant(np.array(0)), axis=1)
    zero = graph.constant(np.array(0.0))
    asked = (
        graph.op("Gather", graph.op("Where", missing, zero, tensor.name), rows, axis=0),
        graph.op("Gather", graph.op("Cast", missing, to=DOUBLE), rows, axis=0),
        graph.op("Gather", places, graph.constant(np.array(1)), axis=1),
    )
    count = graph.op("Squeeze", graph.op("Shape", rows), graph.integers(0))
    *_, found = graph.op(
        "Loop", count, graph.constant(np.array(True)), *asked, body=_body(graph, estimator), outputs=len(asked) + 1
    )
    filled = graph.op("ScatterND", tensor.name, places, found)
    columns = [_without_empty(graph, estimator, filled)]
    if estimator.add_indicator and len(estimator.indicator_.features_):
        columns += indicator(graph, estimator.indicator_, inputs)
    return (graph.concat(columns),)


def _body(graph: Graph, estimator: Any) -> onnx.GraphProto:
    """The next of the missing numbers, from its row with zeros for what is missing, the marks of these, its column."""
    learned = _Learned.of(estimator)

    def next_number(inner: Graph, number: str, goes_on: str, *asked: str) -> tuple[str, ...]:
        found = _number(inner, learned, *(inner.op("Gather", one, number, axis=0) for one in asked))
        return (*(inner.op("Identity", name) for name in (goes_on, *asked)), found)

    width = int(estimator.n_features_in_)
    inputs: dict[str, TensorInput] = {
        "number": (INT64, []),
        "goes_on": (BOOL, []),
        "rows": (DOUBLE, ["M", width]),
        "absent": (DOUBLE, ["M", width]),
        "columns": (INT64, ["M"]),
    }
    return body_of(graph, inputs, next_number)


@dataclass(frozen=True, slots=True)
class _Learned:
    """Training rows [R, F] with 0 for what is missing, where it is, and the mean of each column."""

    estimator: Any
    rows: Any
    missing: Any
    means: Any

    @classmethod
    def of(cls, estimator: Any) -> _Learned:
        missing = np.asarray(estimator._mask_fit_X)
        rows = np.where(missing, 0.0, estimator._fit_X)
        return cls(estimator, rows, missing, rows.sum(axis=0) / np.maximum((~missing).sum(axis=0), 1))


def _number(graph: Graph, learned: _Learned, row: str, absent: str, column: str) -> str:
    """One missing number, from its row with zeros for what is missing, the marks of these (1.0), and its column."""
    zero, infinite = graph.constant(np.array(0.0)), graph.constant(np.array(np.inf))
    columns = graph.constant(np.ascontiguousarray(learned.rows.T))
    holes = graph.constant(np.ascontiguousarray(learned.missing.T))
    distances = nan_euclidean_distances_of_row(graph, learned.rows, columns, holes, row, absent)
    is_out = graph.op("Or", graph.op("IsNaN", distances), graph.op("Gather", holes, column, axis=0))
    # a distance beyond all doubles still comes before a row that cannot be compared
    finite = graph.op("Min", distances, graph.constant(np.array(np.finfo(np.float64).max)))
    order = graph.op("Where", is_out, infinite, finite)
    most = graph.integers(min(learned.estimator.n_neighbors, len(learned.rows)))
    _, nearest = graph.op("TopK", order, most, outputs=2, axis=0, largest=0, sorted=1)
    takes_none = graph.op("Gather", is_out, nearest, axis=0)
    near = graph.op("Where", takes_none, infinite, graph.op("Gather", distances, nearest, axis=0))
    weights = graph.op("Where", takes_none, zero, graph.flat(weights_of(graph, learned.estimator, near)))
    values = graph.op("Gather", graph.op("Gather", columns, column, axis=0), nearest, axis=0)
    average = graph.op("Div", _sum(graph, graph.op("Mul", values, weights)), _sum(graph, weights))
    has_none = graph.op("ReduceMin", graph.op("Cast", takes_none, to=INT64), graph.integers(0), keepdims=0)
    mean = graph.op("Gather", graph.constant(learned.means), column, axis=0)
    return graph.op("Where", graph.op("Cast", has_none, to=BOOL), mean, average)


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
