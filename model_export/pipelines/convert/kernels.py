"""Kernels between rows and the vectors that a machine has learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel of scikit-learn and libsvm, by name."""

    name: str
    gamma: float
    degree: float
    coef0: float

    def between(self, graph: Graph, x: str, vectors: Any) -> str:
        """[N, V] from rows and the constant `vectors` [V, F]; raises InexactError for a kernel that is not known."""
        dense = np.asarray(vectors.toarray() if hasattr(vectors, "toarray") else vectors, dtype=np.float64)
        if self.name == "rbf":
            return radial(graph, x, dense, self.gamma)
        products = graph.op("Gemm", x, graph.constant(np.ascontiguousarray(dense.T)), graph.doubles(-1, of=[0.0]))
        if self.name == "linear":
            return products
        if self.name not in ("poly", "polynomial", "sigmoid"):
            raise InexactError(f"kernel={self.name!r} is not supported; use 'rbf', 'linear', 'poly' or 'sigmoid'")
        scaled = graph.op("Mul", products, graph.constant(np.array(self.gamma)))
        moved = graph.op("Add", scaled, graph.constant(np.array(self.coef0)))
        if self.name == "sigmoid":
            return graph.op("Tanh", moved)
        return graph.op("Pow", moved, graph.constant(np.array(self.degree)))


def kernel_ridge(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The products with the kernels of all training rows."""
    weights = np.asarray(estimator.dual_coef_, dtype=np.float64).reshape(len(estimator.dual_coef_), -1)
    gamma = 1.0 / estimator.X_fit_.shape[1] if estimator.gamma is None else float(estimator.gamma)
    kernel = Kernel(estimator.kernel, gamma, float(estimator.degree), float(estimator.coef0))
    matrix = kernel.between(graph, inputs[0].name, estimator.X_fit_)
    predicted = graph.op("Gemm", matrix, graph.constant(weights), graph.doubles(-1, of=[0.0]))
    return (graph.predicted(predicted, weights.shape[1]),)


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
