"""Straight lines between points, as numpy.interp draws them."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph


def interpolated(graph: Graph, x: str, places: Any, heights: Any) -> str:
    """[N, 1] for x [N, 1]: linear between ascending `places`, constant beyond them, NaN for NaN.

    There are two places or more; of equal ones the last counts.
    """
    places, heights = np.asarray(places, dtype=np.float64), np.asarray(heights, dtype=np.float64)
    gaps, rises = np.diff(places), np.diff(heights)
    slopes = np.append(np.divide(rises, gaps, out=np.zeros_like(rises), where=gaps > 0), 0.0)
    inside = graph.op("Clip", x, *(graph.constant(np.array(end)) for end in (places[0], places[-1])))
    index = passed(graph, inside, places[1:])
    start, height, slope = (graph.op("Gather", graph.constant(part), index) for part in (places, heights, slopes))
    line = graph.op("Add", graph.op("Mul", slope, graph.op("Sub", inside, start)), height)
    # Where the first place repeats, numbers below it have the height of the first, not of the last.
    is_below = graph.op("Less", x, graph.constant(np.array(places[0])))
    return graph.op("Where", is_below, graph.constant(np.array(heights[0])), line)


def passed(graph: Graph, x: str, places: Any) -> str:
    """[N, 1] int64: how many of `places` are not greater than x [N, 1]."""
    if len(places) == 0:
        places = np.array([np.nan])  # a tensor of no columns would have no sum
    reached = graph.op("GreaterOrEqual", x, graph.doubles(1, -1, of=places))
    return graph.op("ReduceSum", graph.op("Cast", reached, to=onnx.TensorProto.INT64), graph.integers(1), keepdims=1)
