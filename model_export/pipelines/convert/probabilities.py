"""Decisions: the index of the predicted class and the probabilities, from scores, as scikit-learn computes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph

Decide = Callable[[Graph, str], tuple[str, str]]
"""From scores [N, K] to the index of the predicted class [N], and probabilities [N, K] or a decision."""


def of_two_classes(
    graph: Graph, score: str, *, second_if: Literal["Greater", "GreaterOrEqual"] = "Greater", slope: float = 1.0
) -> tuple[str, str]:
    """Index [N] and probabilities [N, 2] of a score [N]; the second class has expit(slope * score).

    The second class is predicted where the score compares with 0 as `second_if` names it.
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


def by_sign(graph: Graph, score: str) -> tuple[str, str]:
    """Index [N] of the class and the decision, which is the score [N, 1] itself; above 0 it is the second class."""
    above = graph.op("Greater", graph.flat(score), graph.constant(np.array(0.0)))
    return graph.op("Cast", above, to=onnx.TensorProto.INT64), score


def by_highest(graph: Graph, scores: str) -> tuple[str, str]:
    """Index [N] of the highest score and the decision, which is the scores [N, K] themselves."""
    return highest(graph, scores), scores


def by_sign_of_each(graph: Graph, scores: str) -> tuple[str, str]:
    """For several targets of two classes the indices [N, targets], and the scores themselves as decisions."""
    return above(graph, scores, 0.0), scores


def above(graph: Graph, scores: str, least: float) -> str:
    """Indices, 1 where a score is above `least`, else 0."""
    return graph.op("Cast", graph.op("Greater", scores, graph.constant(np.array(least))), to=onnx.TensorProto.INT64)


def pairs_of(graph: Graph, chances: str, targets: int) -> str:
    """[N, 2 targets] from the probabilities [N, targets] of the second class of each target: 1 - p and p, in turn."""
    first = graph.op("Sub", graph.constant(np.array(1.0)), chances)
    return graph.gather(
        graph.concat([first, chances]), [place for target in range(targets) for place in (target, targets + target)]
    )


def highest_of_each(graph: Graph, numbers: str, classes: Sequence[int]) -> str:
    """Indices [N, targets] of the highest number of each target, which has so many classes."""
    starts = [sum(classes[:target]) for target in range(len(classes))]
    each = [
        highest(graph, graph.gather(numbers, list(range(start, start + count))))
        for start, count in zip(starts, classes, strict=True)
    ]
    return graph.concat([graph.op("Reshape", label, graph.integers(-1, 1)) for label in each])


def highest(graph: Graph, scores: str) -> str:
    """Index [N] of the highest of [N, K]; the first of equal ones, as numpy's argmax."""
    return graph.op("ArgMax", scores, axis=1, keepdims=0)


def shares(graph: Graph, weights: str) -> str:
    """Each row of [N, K] divided by its sum; equal shares where the sum is 0."""
    one, zero = graph.constant(np.array(1.0)), graph.constant(np.array(0.0))
    is_nothing = graph.op("Equal", graph.op("ReduceSum", weights, graph.integers(1), keepdims=1), zero)
    filled = graph.op("Where", is_nothing, one, weights)
    return graph.op("Div", filled, graph.op("ReduceSum", filled, graph.integers(1), keepdims=1))


def one_against_the_rest(graph: Graph, scores: str) -> tuple[str, str]:
    """Index [N] of the highest score and the logistic function of each, divided by their sum.

    Without Sigmoid, which for scores far below 0 keeps few digits; here they matter.
    """
    one = graph.constant(np.array(1.0))
    small = graph.op("Exp", graph.op("Neg", graph.op("Abs", scores)))
    is_positive = graph.op("GreaterOrEqual", scores, graph.constant(np.array(0.0)))
    logistic = graph.op("Div", graph.op("Where", is_positive, one, small), graph.op("Add", small, one))
    return highest(graph, scores), shares(graph, logistic)


def clipped_of_two(graph: Graph, scores: str) -> tuple[str, str]:
    """Index [N] and probabilities [N, 2] of a score [N, 1], as the loss modified_huber has them."""
    label, _ = of_two_classes(graph, graph.flat(scores))
    second = _clipped(graph, scores)
    first = graph.op("Sub", graph.constant(np.array(1.0)), second)
    return label, graph.concat([first, second])


def clipped_against_the_rest(graph: Graph, scores: str) -> tuple[str, str]:
    """The same of scores [N, K], divided by their sum."""
    return highest(graph, scores), shares(graph, _clipped(graph, scores))


def likelihoods(graph: Graph, scores: str) -> tuple[str, str]:
    """Index [N] of the highest score and exp(score - logsumexp) [N, K].

    In these steps, because the scores of long documents are large, and Softmax rounds otherwise.
    """
    greatest = graph.op("ReduceMax", scores, graph.integers(1), keepdims=1)
    total = graph.op("ReduceSum", graph.op("Exp", graph.op("Sub", scores, greatest)), graph.integers(1), keepdims=1)
    log_total = graph.op("Add", graph.op("Log", total), greatest)
    return highest(graph, scores), graph.op("Exp", graph.op("Sub", scores, log_total))


def posterior(graph: Graph, scores: str) -> tuple[str, str]:
    """The same, exp((score - highest) - log(sum)): in these steps scores of any size keep their differences."""
    relative = graph.op("Sub", scores, graph.op("ReduceMax", scores, graph.integers(1), keepdims=1))
    total = graph.op("ReduceSum", graph.op("Exp", relative), graph.integers(1), keepdims=1)
    return highest(graph, scores), graph.op("Exp", graph.op("Sub", relative, graph.op("Log", total)))


def _clipped(graph: Graph, scores: str) -> str:
    """(min(max(score, -1), 1) + 1) / 2"""
    one, minus_one = graph.constant(np.array(1.0)), graph.constant(np.array(-1.0))
    inside = graph.op("Min", graph.op("Max", scores, minus_one), one)
    return graph.op("Div", graph.op("Add", inside, one), graph.constant(np.array(2.0)))
