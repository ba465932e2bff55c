"""TfidfTransformer over dense counts: the vectorizer in front of it is a step of a table, not of a text model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.vectorizers import weighting_of


def weighted_terms(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    weighting = weighting_of(estimator)
    x = inputs[0].name
    zero, one = (graph.constant(np.array(value)) for value in (0.0, 1.0))
    if weighting.sublinear_tf:
        logarithm = graph.op("Add", graph.op("Log", x), one)
        x = graph.op("Where", graph.op("Equal", x, zero), zero, logarithm)
    if weighting.idf is not None:
        x = graph.op("Mul", x, graph.doubles(1, -1, of=weighting.idf))
    if weighting.norm is None:
        return (x,)
    norms = graph.op("ReduceL1" if weighting.norm == "l1" else "ReduceL2", x, graph.integers(1), keepdims=1)
    return (graph.op("Div", x, graph.op("Where", graph.op("Equal", norms, zero), one, norms)),)
