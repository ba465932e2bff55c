"""Distances between one row and all training rows, in the sums of scikit-learn's trees or of its matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from sklearn.utils.extmath import row_norms

from model_export.pipelines.convert.graph import Graph, InexactError

METRICS = ("euclidean", "sqeuclidean", "manhattan", "chebyshev", "minkowski", "cosine")
SAME = {"l2": "euclidean", "l1": "manhattan", "cityblock": "manhattan", "p": "minkowski", "infinity": "chebyshev"}
"""Other names of the metrics."""
EINSUM_BLOCK = 8
"""np.einsum adds eight numbers at a time, the last pair of them first."""


def distances_of_row(graph: Graph, neighbours: Any, rows: Any, row: str) -> str:
    """[R], from a row [F] to the training rows [R, F]; raises InexactError for a metric that is not known.

    `neighbours` is the fitted estimator.
    """
    metric = neighbours.effective_metric_
    metric = SAME.get(metric, metric) if isinstance(metric, str) else getattr(metric, "__name__", metric)
    parameters = dict(neighbours.effective_metric_params_)
    p = parameters.pop("p", 2)
    if metric not in METRICS or any(value is not None for value in parameters.values()):
        raise InexactError(f"metric {metric!r} with {parameters} is not supported; use one of {', '.join(METRICS)}")
    if metric == "cosine":
        return _cosine(graph, rows, row)
    if metric in ("euclidean", "sqeuclidean") and neighbours._fit_method == "brute":
        return _rooted(graph, metric, _by_product(graph, rows, row))
    # Column after column, as the trees of scikit-learn add, so that equal distances are equal here too.
    column = graph.op("Reshape", row, graph.integers(-1, 1))
    apart = graph.op("Sub", column, graph.constant(np.ascontiguousarray(rows.T)))
    if metric in ("euclidean", "sqeuclidean"):
        return _rooted(graph, metric, _added(graph, graph.op("Mul", apart, apart)))
    lengths = graph.op("Abs", apart)
    if metric == "manhattan":
        return _added(graph, lengths)
    if metric == "chebyshev":
        return graph.op("ReduceMax", lengths, graph.integers(0), keepdims=0)
    powers = _added(graph, graph.op("Pow", lengths, graph.constant(np.array(float(p)))))
    return graph.op("Pow", powers, graph.constant(np.array(1.0 / p)))


def nan_euclidean_distances_of_row(graph: Graph, rows: Any, columns: str, holes: str, row: str, absent: str) -> str:
    """[R], from a row [F] to the training rows [R, F] over the columns that both have, NaN where they share none.

    Numbers that are missing are 0 in `row` and `rows`; `absent` [F] is 1.0 and `holes` [F, R] true there. `columns` is
    the tensor of the training rows, [F, R]. The steps are those of sklearn.metrics.pairwise.nan_euclidean_distances.
    It takes squares away again that it has added, which leaves their rounding: only the same sums in the same order
    have the same.
    """
    zero, one = graph.constant(np.array(0.0)), graph.constant(np.array(1.0))
    x, lacking = (graph.op("Reshape", name, graph.integers(1, -1)) for name in (row, absent))
    holes = graph.op("Cast", holes, to=onnx.TensorProto.DOUBLE)
    squares = graph.op("Mul", _product(graph, x, columns), graph.constant(np.array(-2.0)))
    squares = graph.op("Add", squares, _squared_length(graph, x, rows.shape[1]))
    squares = graph.op("Max", graph.op("Add", squares, graph.doubles(-1, of=row_norms(rows, squared=True))), zero)
    squares = graph.op("Sub", squares, _product(graph, graph.op("Mul", x, x), holes))
    squares = graph.op("Sub", squares, _product(graph, lacking, graph.op("Mul", columns, columns)))
    shared = _product(graph, graph.op("Sub", one, lacking), graph.op("Sub", one, holes))
    apart = graph.op("Div", graph.op("Max", squares, zero), graph.op("Max", shared, one))
    apart = graph.op("Sqrt", graph.op("Mul", apart, graph.constant(np.array(float(rows.shape[1])))))
    return graph.op("Where", graph.op("Equal", shared, zero), graph.constant(np.array(np.nan)), apart)


def _squared_length(graph: Graph, x: str, width: int) -> str:
    """[1], of a row [1, F]: the sum of squares in the order of np.einsum, which sums even and odd columns apart."""
    whole = width - width % EINSUM_BLOCK
    blocks = np.arange(whole).reshape(-1, EINSUM_BLOCK // 2, 2)[:, ::-1].reshape(-1)
    order = [*blocks.tolist(), *range(whole, width)]
    halves = np.eye(2)[np.array(order) % 2]
    squares = graph.gather(graph.op("Mul", x, x), order)
    even_and_odd = graph.op("Gemm", squares, graph.constant(halves), graph.doubles(-1, of=[0.0]))
    return _product(graph, even_and_odd, graph.doubles(2, 1, of=[1.0, 1.0]))


def _product(graph: Graph, row: str, columns: str) -> str:
    """[R], of a row [1, F] and [F, R]."""
    return graph.flat(graph.op("Gemm", row, columns, graph.doubles(-1, of=[0.0])))


def _added(graph: Graph, columns: str) -> str:
    return graph.op("ReduceSum", columns, graph.integers(0), keepdims=0)


def _rooted(graph: Graph, metric: str, squares: str) -> str:
    return graph.op("Sqrt", squares) if metric == "euclidean" else squares


def _by_product(graph: Graph, rows: Any, row: str) -> str:
    """x·x - 2 x·y + y·y, and at least 0."""
    x = graph.op("Reshape", row, graph.integers(1, -1))
    squares = graph.op("ReduceSum", graph.op("Mul", row, row), graph.integers(0), keepdims=1)
    weights = graph.constant(np.ascontiguousarray(-2.0 * rows.T))
    products = _product(graph, x, weights)
    total = graph.op("Add", graph.op("Add", products, squares), graph.doubles(-1, of=(rows**2).sum(axis=1)))
    return graph.op("Max", total, graph.constant(np.array(0.0)))


def _cosine(graph: Graph, rows: Any, row: str) -> str:
    lengths = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    directions = rows / np.where(lengths == 0, 1.0, lengths)
    zero, one = graph.constant(np.array(0.0)), graph.constant(np.array(1.0))
    length = graph.op("Sqrt", graph.op("ReduceSum", graph.op("Mul", row, row), graph.integers(0), keepdims=1))
    divisor = graph.op("Where", graph.op("Equal", length, zero), one, length)
    direction = graph.op("Reshape", graph.op("Div", row, divisor), graph.integers(1, -1))
    weights = graph.constant(np.ascontiguousarray(-directions.T))
    opposite = _product(graph, direction, weights)
    return graph.op("Clip", graph.op("Add", opposite, one), zero, graph.constant(np.array(2.0)))
