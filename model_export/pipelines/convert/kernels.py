"""Kernels of support vector machines: [N, support vectors] from rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError


def kernel_matrix(graph: Graph, estimator: Any, x: str) -> str:
    """Raises InexactError for a kernel that is a function, or was computed beforehand."""
    vectors = estimator.support_vectors_
    vectors = np.asarray(vectors.toarray() if hasattr(vectors, "toarray") else vectors, dtype=np.float64)
    gamma = float(estimator._gamma)
    if estimator.kernel == "rbf":
        return radial(graph, x, vectors, gamma)
    products = graph.op("Gemm", x, graph.constant(np.ascontiguousarray(vectors.T)), graph.doubles(-1, of=[0.0]))
    if estimator.kernel == "linear":
        return products
    if estimator.kernel not in ("poly", "sigmoid"):
        raise InexactError(f"kernel={estimator.kernel!r} is not supported; use 'rbf', 'linear', 'poly' or 'sigmoid'")
    scaled = graph.op("Mul", products, graph.constant(np.array(gamma)))
    moved = graph.op("Add", scaled, graph.constant(np.array(float(estimator.coef0))))
    if estimator.kernel == "sigmoid":
        return graph.op("Tanh", moved)
    return graph.op("Pow", moved, graph.constant(np.array(float(estimator.degree))))


def radial(graph: Graph, x: str, centres: Any, gamma: float) -> str:
    """exp(-gamma |x - c|²) for each of the centres [S, F]."""
    # The squares are of distances from the middle, so that their sum keeps its digits where all rows are far from 0.
    middle = centres.mean(axis=0)
    moved, near = graph.op("Sub", x, graph.doubles(1, -1, of=middle)), centres - middle
    squares = graph.op("ReduceSum", graph.op("Mul", moved, moved), graph.integers(1), keepdims=1)
    weights = graph.constant(np.ascontiguousarray(-2.0 * near.T))
    products = graph.op("Gemm", moved, weights, graph.doubles(-1, of=(near**2).sum(axis=1)))
    distances = graph.op("Max", graph.op("Add", products, squares), graph.constant(np.array(0.0)))
    return graph.op("Exp", graph.op("Mul", distances, graph.constant(np.array(-gamma))))
