"""Gaussian processes: kernels between a row and all training rows, which the graph holds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from sklearn.gaussian_process import kernels

from model_export.pipelines.convert.bodies import body_of
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor

Covariance = Callable[[Graph, Any, str, Any], str]
"""[N, R] of a kernel between rows [N, F] and the training rows [R, F]."""


def process_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The mean of the process: covariances times weights, in the units of the target."""
    weights = np.asarray(estimator.alpha_, dtype=np.float64).reshape(len(estimator.alpha_), -1)
    covariance = _covariance(graph, estimator.kernel_, inputs[0].name, np.asarray(estimator.X_train_, dtype=np.float64))
    mean = graph.op("Gemm", covariance, graph.constant(weights), graph.doubles(-1, of=[0.0]))
    scaled = graph.op("Mul", mean, graph.doubles(1, -1, of=estimator._y_train_std))
    moved = graph.op("Add", scaled, graph.doubles(1, -1, of=estimator._y_train_mean))
    return (graph.predicted(moved, weights.shape[1]),)


def _covariance(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    if type(kernel) not in COVARIANCES:
        names = ", ".join(kind.__name__ for kind in COVARIANCES)
        raise InexactError(f"kernel {type(kernel).__name__} is not supported; use one of {names}")
    return COVARIANCES[type(kernel)](graph, kernel, x, rows)


def _squared_distances(graph: Graph, x: str, rows: Any) -> str:
    """[N, R], column after column as scipy adds them: the weights of a process are large, and so would be an error."""
    columns = np.ascontiguousarray(rows.T)

    def of_row(inner: Graph, row: str) -> tuple[str, ...]:
        apart = inner.op("Sub", inner.op("Reshape", row, inner.integers(-1, 1)), inner.constant(columns))
        return (inner.op("ReduceSum", inner.op("Mul", apart, apart), inner.integers(0), keepdims=0),)

    body = body_of(graph, {"row": (onnx.TensorProto.DOUBLE, [len(columns)])}, of_row)
    return graph.op("Scan", x, body=body, num_scan_inputs=1)


def _scaled_distances(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    scale = np.broadcast_to(np.asarray(kernel.length_scale, dtype=np.float64), rows.shape[1])
    return _squared_distances(graph, graph.op("Div", x, graph.doubles(1, -1, of=scale)), rows / scale)


def _radial(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    half = graph.op("Mul", _scaled_distances(graph, kernel, x, rows), graph.constant(np.array(-0.5)))
    return graph.op("Exp", half)


def _matern(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    squares = _scaled_distances(graph, kernel, x, rows)
    if kernel.nu == np.inf:
        return graph.op("Exp", graph.op("Mul", squares, graph.constant(np.array(-0.5))))
    if kernel.nu not in (0.5, 1.5, 2.5):
        raise InexactError(f"Matern with nu={kernel.nu} is not supported; set nu to 0.5, 1.5 or 2.5")
    factor = math.sqrt(2 * kernel.nu)
    near = graph.op("Mul", graph.op("Sqrt", squares), graph.constant(np.array(factor)))
    falling = graph.op("Exp", graph.op("Neg", near))
    if kernel.nu == 0.5:
        return falling
    polynomial = graph.op("Add", near, graph.constant(np.array(1.0)))
    if kernel.nu == 2.5:
        third = graph.op("Div", graph.op("Mul", near, near), graph.constant(np.array(3.0)))
        polynomial = graph.op("Add", polynomial, third)
    return graph.op("Mul", polynomial, falling)


def _rational(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    squares = _squared_distances(graph, x, rows)
    scaled = graph.op("Div", squares, graph.constant(np.array(2 * kernel.alpha * kernel.length_scale**2)))
    base = graph.op("Add", scaled, graph.constant(np.array(1.0)))
    return graph.op("Pow", base, graph.constant(np.array(-float(kernel.alpha))))


def _dot_product(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    offset = graph.doubles(-1, of=[float(kernel.sigma_0) ** 2])
    return graph.op("Gemm", x, graph.constant(np.ascontiguousarray(rows.T)), offset)


def _constant(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    return graph.doubles(1, 1, of=[float(kernel.constant_value)])


def _white(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    """Noise is of the training rows alone."""
    return graph.doubles(1, 1, of=[0.0])


def _sum(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    return graph.op("Add", _covariance(graph, kernel.k1, x, rows), _covariance(graph, kernel.k2, x, rows))


def _product(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    return graph.op("Mul", _covariance(graph, kernel.k1, x, rows), _covariance(graph, kernel.k2, x, rows))


def _power(graph: Graph, kernel: Any, x: str, rows: Any) -> str:
    exponent = graph.constant(np.array(float(kernel.exponent)))
    return graph.op("Pow", _covariance(graph, kernel.kernel, x, rows), exponent)


COVARIANCES: Mapping[type, Covariance] = {
    kernels.RBF: _radial,
    kernels.Matern: _matern,
    kernels.RationalQuadratic: _rational,
    kernels.DotProduct: _dot_product,
    kernels.ConstantKernel: _constant,
    kernels.WhiteKernel: _white,
    kernels.Sum: _sum,
    kernels.Product: _product,
    kernels.Exponentiation: _power,
}
