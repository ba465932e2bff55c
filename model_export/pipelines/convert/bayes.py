"""Naive Bayes over numbers, flags and numbered categories; the ones over counts are linear (linear.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.linear import scores_of
from model_export.pipelines.convert.operators import DOCUMENTS
from model_export.pipelines.convert.probabilities import likelihoods


def gaussian(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """For each class log prior + (constant - half the sum of the squared standardized distances)."""
    means, variances = estimator.theta_, estimator.var_
    rows = graph.op("Unsqueeze", inputs[0].name, graph.integers(1))
    distances = graph.op("Sub", rows, graph.doubles(1, *means.shape, of=means))
    scaled = graph.op("Div", graph.op("Mul", distances, distances), graph.doubles(1, *means.shape, of=variances))
    half = graph.op("Mul", graph.op("ReduceSum", scaled, graph.integers(2), keepdims=0), graph.constant(np.array(0.5)))
    constants = -0.5 * np.sum(np.log(2.0 * np.pi * variances), axis=1)
    densities = graph.op("Sub", graph.doubles(1, -1, of=constants), half)
    return likelihoods(graph, graph.op("Add", densities, graph.doubles(1, -1, of=np.log(estimator.class_prior_))))


def bernoulli(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Over a table, or over the cells of documents that are not 0."""
    if estimator.binarize is not None:
        bound = graph.constant(np.array(float(estimator.binarize)))
        place = 0 if len(inputs) == 1 else DOCUMENTS.index("values")
        above = graph.op("Cast", graph.op("Greater", inputs[place].name, bound), to=onnx.TensorProto.DOUBLE)
        inputs = [Tensor(above, is_string=False) if at == place else tensor for at, tensor in enumerate(inputs)]
    present = estimator.feature_log_prob_
    absent = np.log(1 - np.exp(present))
    offsets = estimator.class_log_prior_ + absent.sum(axis=1)
    return likelihoods(graph, scores_of(graph, inputs, present - absent, offsets))


def categorical(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Add up the log probabilities of the categories, column by column.

    scikit-learn stops at a category that training lacked; here such a row has no finite answer.
    """
    total = graph.doubles(1, len(estimator.classes_), of=np.zeros(len(estimator.classes_)))
    for column, learned in enumerate(estimator.feature_log_prob_):
        number = graph.gather(inputs[0].name, [column])
        # One more category, of NaN, stands for all that are unknown; missing ones too, as NaN is below no bound.
        inside = graph.op(
            "And",
            graph.op("GreaterOrEqual", number, graph.constant(np.array(0.0))),
            graph.op("Less", number, graph.constant(np.array(float(learned.shape[1])))),
        )
        known = graph.op("Where", inside, number, graph.constant(np.array(float(learned.shape[1]))))
        place = graph.flat(graph.op("Cast", known, to=onnx.TensorProto.INT64))
        table = np.vstack([learned.T, np.full((1, len(learned)), np.nan)])
        total = graph.op("Add", total, graph.op("Gather", graph.constant(table), place, axis=0))
    return likelihoods(graph, graph.op("Add", total, graph.doubles(1, -1, of=estimator.class_log_prior_)))
