"""Normalizer: rows divided by their norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, Tensor

REDUCTIONS = {"l1": "ReduceL1", "l2": "ReduceL2", "max": "ReduceMax"}
LEAST_NORM = 10 * np.finfo(np.float64).eps
"""scikit-learn takes a smaller norm for that of a row of zeros, which stays as it is."""


def row_norm(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    x = inputs[0].name
    values = graph.op("Abs", x) if estimator.norm == "max" else x
    norms = graph.op(REDUCTIONS[estimator.norm], values, graph.integers(1), keepdims=1)
    is_zero = graph.op("Less", norms, graph.constant(np.array(LEAST_NORM)))
    return (graph.op("Div", x, graph.op("Where", is_zero, graph.constant(np.array(1.0)), norms)),)
