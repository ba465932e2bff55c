"""QuantileTransformer: the share of training values below a number, or the normal number with that share below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.preprocessing._data import BOUNDS_THRESHOLD

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.interpolation import interpolated

CENTRAL = 0.425
"""Up to this distance from 1/2, Wichura's first approximation holds."""
Coefficients = tuple[tuple[float, ...], tuple[float, ...]]
"""Numerator and denominator of a rational function, the highest power first."""
MIDDLE: Coefficients = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
TAIL: Coefficients = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
"""Algorithm AS 241 (Wichura 1988), PPND16, for probabilities of at least exp(-25), which BOUNDS_THRESHOLD is above."""
TAIL_START = 1.6


def quantile(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    is_normal = estimator.output_distribution == "normal"
    columns = []
    for place in range(estimator.n_features_in_):
        x = graph.gather(inputs[0].name, [place])
        share = _share(graph, x, estimator.quantiles_[:, place], estimator.references_, is_normal=is_normal)
        columns.append(_normal(graph, share) if is_normal else share)
    return (graph.concat(columns),)


def _share(graph: Graph, x: str, quantiles: Any, references: Any, *, is_normal: bool) -> str:
    """The mean of both directions, which differ where training values repeat; 0 and 1 at the ends."""
    upwards = interpolated(graph, x, quantiles, references)
    downwards = interpolated(graph, graph.op("Neg", x), -quantiles[::-1], -references[::-1])
    half = graph.constant(np.array(0.5))
    share = graph.op("Mul", half, graph.op("Sub", upwards, downwards))
    low, high = (graph.constant(np.array(float(end))) for end in (quantiles[0], quantiles[-1]))
    if is_normal:
        margin = graph.constant(np.array(BOUNDS_THRESHOLD))
        is_high = graph.op("Greater", graph.op("Add", x, margin), high)
        is_low = graph.op("Less", graph.op("Sub", x, margin), low)
    else:
        is_high, is_low = graph.op("Equal", x, high), graph.op("Equal", x, low)
    share = graph.op("Where", is_high, graph.constant(np.array(1.0)), share)
    return graph.op("Where", is_low, graph.constant(np.array(0.0)), share)


def _normal(graph: Graph, share: str) -> str:
    """The number that a standard normal variable stays below with this probability."""
    least = BOUNDS_THRESHOLD - np.spacing(1)
    share = graph.op("Clip", share, graph.constant(np.array(least)), graph.constant(np.array(1 - least)))
    distance = graph.op("Sub", share, graph.constant(np.array(0.5)))
    squared = graph.op("Mul", distance, distance)
    radius = graph.op("Sub", graph.constant(np.array(CENTRAL**2)), squared)
    central = graph.op("Mul", distance, _rational(graph, radius, MIDDLE))
    is_upper = graph.op("Greater", distance, graph.constant(np.array(0.0)))
    rest = graph.op("Where", is_upper, graph.op("Sub", graph.constant(np.array(1.0)), share), share)
    root = graph.op("Sqrt", graph.op("Neg", graph.op("Log", rest)))
    size = _rational(graph, graph.op("Sub", root, graph.constant(np.array(TAIL_START))), TAIL)
    tail = graph.op("Where", is_upper, size, graph.op("Neg", size))
    is_central = graph.op("LessOrEqual", graph.op("Abs", distance), graph.constant(np.array(CENTRAL)))
    return graph.op("Where", is_central, central, tail)


def _rational(graph: Graph, x: str, coefficients: Coefficients) -> str:
    above, below = (_polynomial(graph, x, part) for part in coefficients)
    return graph.op("Div", above, below)


def _polynomial(graph: Graph, x: str, coefficients: Sequence[float]) -> str:
    """By Horner's rule, the highest power first."""
    value = graph.constant(np.array(coefficients[0]))
    for coefficient in coefficients[1:]:
        value = graph.op("Add", graph.op("Mul", value, x), graph.constant(np.array(coefficient)))
    return value
