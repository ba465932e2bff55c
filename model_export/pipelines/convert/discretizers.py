"""Numbers to 0 and 1, or to the number of a bin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor


def binarizer(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    above = graph.op("Greater", inputs[0].name, graph.constant(np.array(float(estimator.threshold))))
    return (graph.op("Cast", above, to=onnx.TensorProto.DOUBLE),)


def bins(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """KBinsDiscretizer: [N, C] numbers of bins, or [N, sum of bins] with 1 for the bin of each column."""
    if estimator.dtype not in (None, np.float64):
        raise InexactError(f"dtype {np.dtype(estimator.dtype)} is not supported; leave dtype at None")
    inner = [edges[1:-1] for edges in estimator.bin_edges_]
    # NaN stands after the last edge of a column with fewer bins: no number reaches it.
    padded = np.full((1, len(inner), max(1, *map(len, inner))), np.nan)
    for column, edges in enumerate(inner):
        padded[0, column, : len(edges)] = edges
    x = graph.op("Unsqueeze", inputs[0].name, graph.integers(2))
    reached = graph.op("GreaterOrEqual", x, graph.constant(padded))
    counted = graph.op(
        "ReduceSum", graph.op("Cast", reached, to=onnx.TensorProto.DOUBLE), graph.integers(2), keepdims=0
    )
    if estimator.encode == "ordinal":
        return (counted,)
    places = [(column, number) for column, edges in enumerate(inner) for number in range(len(edges) + 1)]
    spread = graph.gather(counted, [column for column, _ in places])
    equal = graph.op("Equal", spread, graph.doubles(1, -1, of=[number for _, number in places]))
    return (graph.op("Cast", equal, to=onnx.TensorProto.DOUBLE),)
