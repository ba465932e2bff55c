"""SplineTransformer: B-splines as the polynomial of each interval between two knots."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.interpolation import passed


def splines(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    if estimator.extrapolation == "error":
        raise InexactError("a graph cannot raise an error; set extrapolation to another value than 'error'")
    if estimator.degree == 0:
        raise InexactError("degree=0 is not supported; use a KBinsDiscretizer")
    if estimator.degree == 1 and estimator.extrapolation == "linear" and len(estimator.bsplines_) > 1:
        # scikit-learn takes another knot for the end of the range in the second column and all after it.
        raise InexactError("degree=1 with extrapolation='linear' is supported for one column only; set degree=2")
    columns = [
        _column(graph, estimator, spline, graph.gather(inputs[0].name, [place]))
        for place, spline in enumerate(estimator.bsplines_)
    ]
    return (graph.concat(columns),)


def _column(graph: Graph, estimator: Any, spline: Any, x: str) -> str:
    """[N, splines] for one column; the last spline is left out without `include_bias`."""
    width = spline.c.shape[1]
    kept = list(range(width if estimator.include_bias else width - 1))
    basis = _EXTRAPOLATED[estimator.extrapolation](graph, spline, x)
    if estimator.handle_missing == "zeros":
        basis = graph.op("Where", graph.op("IsNaN", x), graph.constant(np.array(0.0)), basis)
    return graph.gather(basis, kept)


def _ends(spline: Any) -> tuple[float, float]:
    """The first and the last knot of the training range."""
    return float(spline.t[spline.k]), float(spline.t[-spline.k - 1])


def _basis(graph: Graph, spline: Any, x: str) -> str:
    """All splines at x by Horner's rule; the outer polynomials go on beyond the knots."""
    low, high = _ends(spline)
    knots = np.unique(spline.t[(spline.t >= low) & (spline.t <= high)])
    starts = knots[:-1] if len(knots) > 1 else knots
    index = graph.flat(passed(graph, x, starts[1:]))
    step = graph.op(
        "Sub", x, graph.op("Unsqueeze", graph.op("Gather", graph.constant(starts), index), graph.integers(1))
    )
    powers = range(spline.k, -1, -1)
    tables = [np.asarray(spline(starts, nu=power), dtype=np.float64) / factorial(power) for power in powers]
    value, *others = (graph.op("Gather", graph.constant(table), index) for table in tables)
    for coefficient in others:
        value = graph.op("Add", graph.op("Mul", value, step), coefficient)
    return value


def _clipped(graph: Graph, spline: Any, x: str) -> str:
    return graph.op("Clip", x, *(graph.constant(np.array(end)) for end in _ends(spline)))


def _constant(graph: Graph, spline: Any, x: str) -> str:
    return _basis(graph, spline, _clipped(graph, spline, x))


def _linear(graph: Graph, spline: Any, x: str) -> str:
    """Beyond the ends the first and last splines go on along their tangents, as many as the degree, at least two."""
    inside = _clipped(graph, spline, x)
    beyond = graph.op("Sub", x, inside)
    count, width = max(spline.k, 2), spline.c.shape[1]
    low, high = (np.asarray(spline(end, nu=1), dtype=np.float64) for end in _ends(spline))
    below = np.where(np.arange(width) < count, low, 0.0)
    above = np.where(np.arange(width) >= width - count, high, 0.0)
    is_below = graph.op("Less", beyond, graph.constant(np.array(0.0)))
    slope = graph.op("Where", is_below, graph.doubles(1, -1, of=below), graph.doubles(1, -1, of=above))
    return graph.op("Add", _basis(graph, spline, inside), graph.op("Mul", beyond, slope))


def _periodic(graph: Graph, spline: Any, x: str) -> str:
    """The remainder of a division has the sign of the period in numpy, of the dividend in ONNX."""
    low, high = _ends(spline)
    start, period = graph.constant(np.array(low)), graph.constant(np.array(high - low))
    remainder = graph.op("Mod", graph.op("Sub", x, start), period, fmod=1)
    is_below = graph.op("Less", remainder, graph.constant(np.array(0.0)))
    wrapped = graph.op("Where", is_below, graph.op("Add", remainder, period), remainder)
    return _basis(graph, spline, graph.op("Add", start, wrapped))


_EXTRAPOLATED = {"constant": _constant, "linear": _linear, "continue": _basis, "periodic": _periodic}
