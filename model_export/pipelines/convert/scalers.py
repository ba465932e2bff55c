"""Scalers, with the operations of scikit-learn in the same order, so that they round alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, Tensor


def standard(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (_centred(graph, inputs[0].name, estimator.mean_ if estimator.with_mean else None, estimator.scale_),)


def robust(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    centre = estimator.center_ if estimator.with_centering else None
    return (_centred(graph, inputs[0].name, centre, estimator.scale_ if estimator.with_scaling else None),)


def max_abs(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    scaled = _centred(graph, inputs[0].name, None, estimator.scale_)
    clips = getattr(estimator, "clip", False)
    return (_clipped(graph, scaled, (-1.0, 1.0)) if clips else scaled,)


def min_max(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    scaled = graph.op("Mul", inputs[0].name, graph.doubles(1, -1, of=estimator.scale_))
    moved = graph.op("Add", scaled, graph.doubles(1, -1, of=estimator.min_))
    return (_clipped(graph, moved, estimator.feature_range) if estimator.clip else moved,)


def _centred(graph: Graph, x: str, centre: Any, scale: Any) -> str:
    if centre is not None:
        x = graph.op("Sub", x, graph.doubles(1, -1, of=centre))
    if scale is not None:
        x = graph.op("Div", x, graph.doubles(1, -1, of=scale))
    return x if centre is not None or scale is not None else graph.op("Identity", x)


def _clipped(graph: Graph, x: str, bounds: tuple[float, float]) -> str:
    low, high = (graph.constant(np.array(float(bound))) for bound in bounds)
    return graph.op("Clip", x, low, high)
