"""Linear models: the arithmetic of scikit-learn's decision_function, in double."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.convert.graph import Graph, Refusal, Tensor
from model_export.convert.probabilities import of_classes, of_two_classes


def regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    coefficients = np.atleast_2d(estimator.coef_)
    if len(coefficients) != 1:
        raise Refusal("it predicts several targets; train one model for each")
    return (_decision(graph, inputs[0].name, coefficients[0], estimator.intercept_),)


def logistic(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    if len(estimator.coef_) == 1:
        decision = _decision(graph, inputs[0].name, estimator.coef_[0], estimator.intercept_)
        return of_two_classes(graph, decision)
    product = graph.op("MatMul", inputs[0].name, graph.constant(_double(estimator.coef_).T))
    return of_classes(graph, graph.op("Add", product, graph.doubles(1, -1, of=estimator.intercept_)))


def _decision(graph: Graph, x: str, coefficients: Any, intercept: Any) -> str:
    """[N]: one score for each row."""
    product = graph.op("MatMul", x, graph.constant(_double(coefficients)))
    return graph.op("Add", product, graph.doubles(1, of=intercept))


def _double(coefficients: Any) -> Any:
    array = np.asarray(coefficients)
    if array.dtype != np.float64:
        raise Refusal(f"it was fitted on {array.dtype} numbers; fit it on float64")
    return array
