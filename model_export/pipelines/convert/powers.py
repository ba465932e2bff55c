"""PowerTransformer: Yeo-Johnson and Box-Cox, in the forms that SciPy computes without cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.functions import expm1, log1p
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.scalers import standard

EPSILON = float(np.finfo(np.float64).eps)


def power(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    transform = _box_cox if estimator.method == "box-cox" else _yeo_johnson
    columns = [
        transform(graph, graph.gather(inputs[0].name, [place]), float(power))
        for place, power in enumerate(estimator.lambdas_)
    ]
    transformed = graph.concat(columns)
    if not estimator.standardize:
        return (transformed,)
    return standard(graph, estimator._scaler, [Tensor(transformed, is_string=False)])


def _box_cox(graph: Graph, x: str, power: float) -> str:
    """(x^power - 1) / power, or log(x) for a power of 0."""
    return _raised(graph, graph.op("Log", x), power, is_zero=power == 0)


def _yeo_johnson(graph: Graph, x: str, power: float) -> str:
    """Box-Cox of 1 + x from 0 on; below, minus Box-Cox of 1 - x with the power 2 - power."""
    upper = _raised(graph, log1p(graph, x), power, is_zero=abs(power) < EPSILON)
    logarithm = log1p(graph, graph.op("Neg", x))
    lower = graph.op("Neg", _raised(graph, logarithm, 2 - power, is_zero=abs(power - 2) <= EPSILON))
    is_positive = graph.op("GreaterOrEqual", x, graph.constant(np.array(0.0)))
    # NaN is neither, and both sides of it are NaN.
    return graph.op("Where", is_positive, upper, lower)


def _raised(graph: Graph, logarithm: str, power: float, *, is_zero: bool) -> str:
    """(exp(power * logarithm) - 1) / power."""
    if is_zero:
        return logarithm
    factor = graph.constant(np.array(power))
    return graph.op("Div", expm1(graph, graph.op("Mul", logarithm, factor)), factor)
