"""Isotonic regression: linear between thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph, Tensor


def isotonic_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Beyond the thresholds NaN, which is no answer, unless out_of_bounds='clip'; scikit-learn has NaN or an error."""
    x = inputs[0].name
    found = between_thresholds(graph, estimator.X_thresholds_, estimator.y_thresholds_, x)
    if estimator.out_of_bounds != "clip":
        low, high = (graph.constant(np.array(float(end))) for end in (estimator.X_min_, estimator.X_max_))
        inside = graph.op("And", graph.op("GreaterOrEqual", x, low), graph.op("LessOrEqual", x, high))
        found = graph.op("Where", inside, found, graph.constant(np.array(np.nan)))
    return (graph.flat(found),)


def between_thresholds(graph: Graph, places: Any, heights: Any, x: str) -> str:
    """[N, 1] of x [N, 1]: linear between the places, where it has these heights, and constant beyond them.

    A place itself ends its interval, as in scipy.interpolate.interp1d; in numpy.interp it begins the next.
    """
    places, heights = (np.asarray(values, dtype=np.float64) for values in (places, heights))
    if len(places) == 1:
        return graph.op("Add", graph.op("Mul", x, graph.constant(np.array(0.0))), graph.constant(heights[:1]))
    low, high = graph.constant(np.array(places[0])), graph.constant(np.array(places[-1]))
    inside = graph.op("Clip", x, low, high)
    above = graph.op("Greater", inside, graph.doubles(1, -1, of=places))
    passed = graph.op("ReduceSum", graph.op("Cast", above, to=onnx.TensorProto.INT64), graph.integers(1), keepdims=1)
    end = graph.op("Max", passed, graph.integers(1))
    start = graph.op("Sub", end, graph.integers(1))
    x0, x1, y0, y1 = (
        graph.op("Gather", graph.constant(array), index, axis=0)
        for array, index in ((places, start), (places, end), (heights, start), (heights, end))
    )
    slope = graph.op("Div", graph.op("Sub", y1, y0), graph.op("Sub", x1, x0))
    return graph.op("Add", graph.op("Mul", slope, graph.op("Sub", inside, x0)), y0)
