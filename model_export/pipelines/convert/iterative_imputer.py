"""IterativeImputer: each missing number predicted from the other columns, round after round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.imputers import indicator, missing_numbers

Predict = Callable[[Graph, Any, Sequence[Tensor]], tuple[str, ...]]


def iterative(predict: Predict, graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The columns with every missing number filled; `predict` converts the regressor of one step.

    scikit-learn leaves out the rounds where every number of a batch is missing, which a row alone may be; the graph
    answers such a row as in a batch with others.
    """
    _refuse_inexact(estimator)
    (tensor,) = inputs
    missing = missing_numbers(graph, estimator, tensor.name)
    statistics = graph.doubles(1, -1, of=estimator.initial_imputer_.statistics_)
    filled = graph.op("Where", missing, statistics, tensor.name)
    places = range(estimator.n_features_in_)
    columns = [graph.gather(filled, [place]) for place in places]
    holes = [graph.gather(missing, [place]) for place in places]
    for step in estimator.imputation_sequence_:
        others = graph.concat([columns[int(place)] for place in step.neighbor_feat_idx])
        (predicted,) = predict(
            graph, step.estimator, [Tensor(others, is_string=False, width=len(step.neighbor_feat_idx))]
        )
        place = int(step.feat_idx)
        bounds = (estimator._min_value[place], estimator._max_value[place])
        column = graph.op("Reshape", predicted, graph.integers(-1, 1))
        column = graph.op("Clip", column, *(graph.constant(np.array(float(bound))) for bound in bounds))
        columns[place] = graph.op("Where", holes[place], column, columns[place])
    if estimator.add_indicator and len(estimator.indicator_.features_):
        columns += indicator(graph, estimator.indicator_, inputs)
    return (graph.concat(columns),)


def _refuse_inexact(estimator: Any) -> None:
    if estimator.sample_posterior:
        raise InexactError("sample_posterior draws at random; set sample_posterior=False")
    if np.isnan(estimator.initial_imputer_.statistics_).any():
        raise InexactError("a column had no value at all in training; drop the column")
