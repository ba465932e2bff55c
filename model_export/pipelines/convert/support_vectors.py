"""Support vector machines, in the sums and votes of libsvm."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.coupling import coupled
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.kernels import Kernel
from model_export.pipelines.convert.pairs import scores_of_pairs
from model_export.pipelines.convert.probabilities import highest

LEAST_PROBABILITY = 1e-7
"""The bound of libsvm for the probability of a pair."""


def support_vector_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    kernel = _kernel(graph, estimator, inputs[0].name)
    weights = graph.constant(np.ascontiguousarray(_dense(estimator._dual_coef_).T))
    return (graph.flat(graph.op("Gemm", kernel, weights, graph.doubles(-1, of=estimator._intercept_))),)


def support_vector_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    pairs = _pairs(graph, estimator, inputs[0].name)
    decision = _decision(graph, estimator, pairs)
    label = _label(graph, estimator, pairs, decision)
    if hasattr(estimator, "predict_proba"):
        return label, coupled(graph, _probabilities_of_pairs(graph, estimator, pairs), len(estimator.classes_))
    if estimator.decision_function_shape == "ovo" and len(estimator.classes_) > 2:
        raise InexactError(
            "decision_function_shape='ovo' has a number for each pair of classes; "
            "set_params(decision_function_shape='ovr'), which needs no other fit"
        )
    return label, decision


def support_vector_decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K] or, for each pair, [N, P]; [N, 1] with two classes."""
    pairs = _pairs(graph, estimator, inputs[0].name)
    if estimator.decision_function_shape == "ovo" and len(estimator.classes_) > 2:
        return pairs
    return _decision(graph, estimator, pairs)


def _kernel(graph: Graph, estimator: Any, x: str) -> str:
    kernel = Kernel(estimator.kernel, float(estimator._gamma), float(estimator.degree), float(estimator.coef0))
    return kernel.between(graph, x, estimator.support_vectors_)


def _pairs(graph: Graph, estimator: Any, x: str) -> str:
    """[N, P]: for each pair of classes i < j a number that is above 0 where i wins."""
    counts = estimator._n_support
    ends = np.cumsum(counts)
    dual = _dense(estimator._dual_coef_)
    every = list(combinations(range(len(counts)), 2))
    weights = np.zeros((dual.shape[1], len(every)))
    for place, (first, second) in enumerate(every):
        of_first = slice(ends[first] - counts[first], ends[first])
        of_second = slice(ends[second] - counts[second], ends[second])
        weights[of_first, place] = dual[second - 1, of_first]
        weights[of_second, place] = dual[first, of_second]
    kernel = _kernel(graph, estimator, x)
    return graph.op("Gemm", kernel, graph.constant(weights), graph.doubles(-1, of=estimator._intercept_))


def _decision(graph: Graph, estimator: Any, pairs: str) -> str:
    if len(estimator.classes_) == 2:
        return graph.op("Neg", pairs)
    second_wins = graph.op("Less", pairs, graph.constant(np.array(0.0)))
    return scores_of_pairs(graph, second_wins, graph.op("Neg", pairs), len(estimator.classes_))


def _label(graph: Graph, estimator: Any, pairs: str, decision: str) -> str:
    classes = len(estimator.classes_)
    first_wins = graph.op("Greater", pairs, graph.constant(np.array(0.0)))
    if classes == 2:
        return graph.flat(graph.op("Cast", graph.op("Not", first_wins), to=onnx.TensorProto.INT64))
    if estimator.break_ties:
        return highest(graph, decision)
    votes_of_first = np.zeros((len(list(combinations(range(classes), 2))), classes))
    votes_of_second = votes_of_first.copy()
    for place, (first, second) in enumerate(combinations(range(classes), 2)):
        votes_of_first[place, first] = votes_of_second[place, second] = 1.0
    won = graph.op("Cast", first_wins, to=onnx.TensorProto.DOUBLE)
    # Each pair votes for its second class, unless the first one won.
    votes = graph.op(
        "Gemm", won, graph.constant(votes_of_first - votes_of_second), graph.doubles(-1, of=votes_of_second.sum(axis=0))
    )
    return highest(graph, votes)


def _probabilities_of_pairs(graph: Graph, estimator: Any, pairs: str) -> str:
    """The logistic function of each pair (Platt), without the loss of digits that Sigmoid has far below 0."""
    one = graph.constant(np.array(1.0))
    moved = graph.op("Mul", pairs, graph.doubles(1, -1, of=estimator._probA))
    exponent = graph.op("Add", moved, graph.doubles(1, -1, of=estimator._probB))
    small = graph.op("Exp", graph.op("Neg", graph.op("Abs", exponent)))
    is_positive = graph.op("GreaterOrEqual", exponent, graph.constant(np.array(0.0)))
    logistic = graph.op("Div", graph.op("Where", is_positive, small, one), graph.op("Add", one, small))
    least, most = graph.constant(np.array(LEAST_PROBABILITY)), graph.constant(np.array(1 - LEAST_PROBABILITY))
    return graph.op("Min", graph.op("Max", logistic, least), most)


def _dense(matrix: Any) -> Any:
    """Machines that were fitted on sparse rows keep sparse coefficients."""
    return matrix.toarray() if hasattr(matrix, "toarray") else matrix
