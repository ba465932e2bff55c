"""From scores to the index of the predicted class and to probabilities, as scikit-learn decides them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph


def of_two_classes(
    graph: Graph, score: str, *, second_if: Literal["Greater", "GreaterOrEqual"] = "Greater", slope: float = 1.0
) -> tuple[str, str]:
    """Index [N] and probabilities [N, 2] of a score [N]; the second class has expit(slope * score).

    `second_if` is how the score compares with 0 where the second class is predicted.
    """
    chosen = graph.op(second_if, score, graph.constant(np.array(0.0)))
    label = graph.op("Cast", chosen, to=onnx.TensorProto.INT64)
    column = graph.op("Reshape", score, graph.integers(-1, 1))
    if slope != 1.0:
        column = graph.op("Mul", column, graph.constant(np.array(slope)))
    second = graph.op("Sigmoid", column)
    # scikit-learn computes 1 - p, which for p near 1 is not the same double as expit(-score).
    signed = graph.op("Mul", second, graph.doubles(1, 2, of=[-1.0, 1.0]))
    return label, graph.op("Add", signed, graph.doubles(1, 2, of=[1.0, 0.0]))


def of_classes(graph: Graph, scores: str) -> tuple[str, str]:
    """Index [N] of the highest score and softmax [N, K] of scores [N, K]."""
    return highest(graph, scores), graph.op("Softmax", scores, axis=1)


def highest(graph: Graph, scores: str) -> str:
    """Index [N] of the highest of [N, K]; the first one of equals, as numpy's argmax."""
    return graph.op("ArgMax", scores, axis=1, keepdims=0)


def shares(graph: Graph, found: str) -> str:
    """Each row of [N, K] divided by its sum; equal shares where the sum is 0."""
    one, zero = graph.constant(np.array(1.0)), graph.constant(np.array(0.0))
    is_nothing = graph.op("Equal", graph.op("ReduceSum", found, graph.integers(1), keepdims=1), zero)
    filled = graph.op("Where", is_nothing, one, found)
    return graph.op("Div", filled, graph.op("ReduceSum", filled, graph.integers(1), keepdims=1))
