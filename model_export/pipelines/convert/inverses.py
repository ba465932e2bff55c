"""TransformedTargetRegressor: predictions with the transformation of the target undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn import preprocessing
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert.functions import apply, log1p
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.interpolation import interpolated

Inverse = Callable[[Graph, Any, str], str]
"""From a fitted transformer of the targets and values [N, targets] to the values before it."""


def transformed_target(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """From the predictions of the inner regressor: [N], or [N, targets] of several."""
    targets = inputs[0].width or 1
    columns = graph.op("Reshape", inputs[0].name, graph.integers(-1, targets))
    return (graph.predicted(_undone(graph, estimator.transformer_, columns), targets),)


def _undone(graph: Graph, transformer: Any, x: str) -> str:
    if type(transformer) not in INVERSES:
        names = ", ".join(kind.__name__ for kind in INVERSES)
        raise InexactError(f"transformer {type(transformer).__name__} has no exact inverse; use one of {names}")
    return INVERSES[type(transformer)](graph, transformer, x)


def _pipeline(graph: Graph, pipeline: Any, x: str) -> str:
    for _, step in reversed(pipeline.steps):
        x = _undone(graph, step, x)
    return x


def _function(graph: Graph, transformer: Any, x: str) -> str:
    if transformer.inv_kw_args:
        raise InexactError("inv_kw_args is not supported; use a function that needs none")
    return apply(graph, transformer.inverse_func, x)


def _standard(graph: Graph, scaler: Any, x: str) -> str:
    return _spread(graph, x, scaler.scale_, scaler.mean_ if scaler.with_mean else None)


def _robust(graph: Graph, scaler: Any, x: str) -> str:
    return _spread(
        graph, x, scaler.scale_ if scaler.with_scaling else None, scaler.center_ if scaler.with_centering else None
    )


def _max_abs(graph: Graph, scaler: Any, x: str) -> str:
    return _spread(graph, x, scaler.scale_, None)


def _spread(graph: Graph, x: str, scale: Any, centre: Any) -> str:
    if scale is not None:
        x = graph.op("Mul", x, graph.doubles(1, -1, of=scale))
    return x if centre is None else graph.op("Add", x, graph.doubles(1, -1, of=centre))


def _min_max(graph: Graph, scaler: Any, x: str) -> str:
    moved = graph.op("Sub", x, graph.doubles(1, -1, of=scaler.min_))
    return graph.op("Div", moved, graph.doubles(1, -1, of=scaler.scale_))


def _power(graph: Graph, transformer: Any, x: str) -> str:
    if transformer.standardize:
        x = _standard(graph, transformer._scaler, x)
    undone = _box_cox if transformer.method == "box-cox" else _yeo_johnson
    powers = list(map(float, transformer.lambdas_))
    columns = _columns(graph, x, len(powers))
    return graph.concat([undone(graph, power, column) for power, column in zip(powers, columns, strict=True)])


def _box_cox(graph: Graph, power: float, x: str) -> str:
    """exp(log1p(power x) / power), as scipy.special.inv_boxcox has it."""
    if power == 0:
        return graph.op("Exp", x)
    scaled = graph.op("Mul", x, graph.constant(np.array(power)))
    return graph.op("Exp", graph.op("Div", log1p(graph, scaled), graph.constant(np.array(power))))


def _yeo_johnson(graph: Graph, power: float, x: str) -> str:
    zero, one = graph.constant(np.array(0.0)), graph.constant(np.array(1.0))
    is_positive = graph.op("GreaterOrEqual", x, zero)
    # Each half sees its own values alone: beyond them a power has no number.
    above = _raised(graph, power, graph.op("Where", is_positive, x, zero))
    below = _raised(graph, 2 - power, graph.op("Where", is_positive, zero, graph.op("Neg", x)))
    return graph.op("Where", is_positive, graph.op("Sub", above, one), graph.op("Sub", one, below))


def _raised(graph: Graph, power: float, x: str) -> str:
    """(power x + 1) ** (1 / power); where the power is 0, its limit."""
    if abs(power) < np.spacing(1.0):
        return graph.op("Exp", x)
    one = graph.constant(np.array(1.0))
    base = graph.op("Add", graph.op("Mul", x, graph.constant(np.array(power))), one)
    return graph.op("Pow", base, graph.constant(np.array(1 / power)))


def _quantile(graph: Graph, transformer: Any, x: str) -> str:
    if transformer.output_distribution != "uniform":
        raise InexactError("output_distribution='normal' has no exact inverse; set output_distribution='uniform'")
    known = transformer.quantiles_.T
    columns = _columns(graph, x, len(known))
    return graph.concat(
        [
            interpolated(graph, column, transformer.references_, quantiles)
            for column, quantiles in zip(columns, known, strict=True)
        ]
    )


def _columns(graph: Graph, x: str, count: int) -> list[str]:
    """[N, 1] each."""
    return [x] if count == 1 else [graph.gather(x, [place]) for place in range(count)]


INVERSES: Mapping[type, Inverse] = {
    preprocessing.FunctionTransformer: _function,
    preprocessing.StandardScaler: _standard,
    preprocessing.MinMaxScaler: _min_max,
    preprocessing.MaxAbsScaler: _max_abs,
    preprocessing.RobustScaler: _robust,
    preprocessing.PowerTransformer: _power,
    preprocessing.QuantileTransformer: _quantile,
    Pipeline: _pipeline,
}
