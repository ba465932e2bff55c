"""Multilayer perceptrons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.probabilities import above, highest, pairs_of

ACTIVATIONS = {
    "identity": "Identity",
    "relu": "Relu",
    "tanh": "Tanh",
    "logistic": "Sigmoid",
    "softmax": "Softmax",
    "exp": "Exp",
}
"""scikit-learn's names, and ONNX's operators; Softmax is along the last axis."""


def network_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    answer = _answer(graph, estimator, inputs[0].name)
    if estimator._label_binarizer.y_type_.startswith("multilabel"):
        return above(graph, answer, 0.5), pairs_of(graph, answer, estimator.n_outputs_)
    if estimator.n_outputs_ > 1:
        return highest(graph, answer), answer
    # scikit-learn compares the probability, which is 0.5 for very small scores too.
    return above(graph, graph.flat(answer), 0.5), pairs_of(graph, answer, 1)


def network_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (graph.predicted(_answer(graph, estimator, inputs[0].name), estimator.n_outputs_),)


def _answer(graph: Graph, estimator: Any, x: str) -> str:
    layers = list(zip(estimator.coefs_, estimator.intercepts_, strict=True))
    if any(weights.dtype != np.float64 for weights, _ in layers):
        raise InexactError("it was fitted on float32 numbers; fit it on float64")
    activations = [estimator.activation] * (len(layers) - 1) + [estimator.out_activation_]
    for (weights, offsets), activation in zip(layers, activations, strict=True):
        summed = graph.op("Gemm", x, graph.constant(np.ascontiguousarray(weights)), graph.doubles(-1, of=offsets))
        x = graph.op(ACTIVATIONS[activation], summed)
    return x
