"""Linear models: the arithmetic of scikit-learn's decision_function, in double."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, Refusal, Tensor
from model_export.pipelines.convert.probabilities import of_classes, of_two_classes
from model_export.pipelines.convert.sparse_linear import linear_of


def regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    coefficients = np.atleast_2d(estimator.coef_)
    if len(coefficients) != 1:
        raise Refusal("it predicts several targets; train one model for each")
    return (graph.flat(_scores(graph, inputs[0].name, coefficients, estimator.intercept_)),)


def logistic(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    scores = _scores(graph, inputs[0].name, estimator.coef_, estimator.intercept_)
    if len(estimator.coef_) == 1:
        return of_two_classes(graph, graph.flat(scores))
    return of_classes(graph, scores)


def stochastic(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """SGDClassifier with log_loss or modified_huber."""
    found = linear_of(estimator)
    scores = _scores(graph, inputs[0].name, found.coefficients, found.intercept)
    return found.decide(graph, scores)


def without_probabilities(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    raise Refusal("it has no probabilities; put it into a CalibratedClassifierCV")


def decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K]; [N, 1] with two classes."""
    (tensor,) = inputs
    return _scores(graph, tensor.name, np.atleast_2d(estimator.coef_), estimator.intercept_)


def _scores(graph: Graph, x: str, coefficients: Any, intercept: Any) -> str:
    """[N, K]: one score for each row of `coefficients`."""
    if coefficients.dtype != np.float64:
        raise Refusal(f"it was fitted on {coefficients.dtype} numbers; fit it on float64")
    offsets = np.broadcast_to(intercept, len(coefficients))
    return graph.op("Gemm", x, graph.constant(coefficients.T), graph.doubles(-1, of=offsets))
