"""Gradient boosting, exact and by histograms: a constant and the trees added up, then the inverse of the link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.encoders import ordinal
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor, taken
from model_export.pipelines.convert.links import inverse_of_link
from model_export.pipelines.convert.probabilities import of_classes, of_two_classes
from model_export.pipelines.convert.trees import Tree, as_float32, constant_tree, ensemble, of_histogram, of_tree

GETS_TEXT = "it gets text outside its categorical_features; encode the text columns in a step before it"


def exact_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (graph.flat(_exact_raw(graph, estimator, inputs[0].name)),)


def exact_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    raw = _exact_raw(graph, estimator, inputs[0].name)
    if len(estimator.classes_) > 2:
        return of_classes(graph, raw)
    # The exponential loss learns half of the log odds.
    slope = 2.0 if estimator.loss == "exponential" else 1.0
    return of_two_classes(graph, graph.flat(raw), second_if="GreaterOrEqual", slope=slope)


def exact_decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K]; [N, 1] with two classes."""
    return _exact_raw(graph, estimator, inputs[0].name)


def histogram_decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K]; [N, 1] with two classes."""
    return _histogram_raw(graph, estimator, inputs)


def histogram_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    raw = graph.flat(_histogram_raw(graph, estimator, inputs))
    return (inverse_of_link(graph, estimator._loss.link, raw),)


def histogram_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    raw = _histogram_raw(graph, estimator, inputs)
    if len(estimator.classes_) > 2:
        return of_classes(graph, raw)
    return of_two_classes(graph, graph.flat(raw))


def has_constant_start(estimator: Any) -> bool:
    """True unless another estimator predicts where the boosting starts."""
    return isinstance(estimator.init_, str) or type(estimator.init_).__module__ == "sklearn.dummy"


def sum_of_stages(graph: Graph, estimator: Any, x: str, start: Any) -> str:
    """[N, K]: the constants `start` [K] and the trees of GradientBoosting."""
    stages = [
        [of_tree(member.tree_, estimator.learning_rate * member.tree_.value[:, 0, 0]) for member in stage]
        for stage in estimator.estimators_
    ]
    return _summed(graph, as_float32(graph, x), start, stages)


def _exact_raw(graph: Graph, estimator: Any, x: str) -> str:
    if not has_constant_start(estimator):
        raise InexactError("a classifier as init is not supported; leave init at None or 'zero'")
    # The initial estimator is a constant, so one row of zeros shows it for all rows.
    start = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), dtype=np.float32))[0]
    return sum_of_stages(graph, estimator, x, start)


def _histogram_raw(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    stages = [[of_histogram(predictor) for predictor in stage] for stage in estimator._predictors]
    return _summed(graph, _numbered(graph, estimator, inputs), np.ravel(estimator._baseline_prediction), stages)


def _numbered(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """Numbered categories, then the numbers: the columns as the estimator's own preprocessor leaves them."""
    if estimator._preprocessor is None:
        numbers, parts = list(inputs), []
    else:
        numbers = taken(graph, inputs, np.flatnonzero(~estimator.is_categorical_).tolist())
        categories = taken(graph, inputs, np.flatnonzero(estimator.is_categorical_).tolist())
        parts = list(ordinal(graph, estimator._preprocessor.named_transformers_["encoder"], categories))
    if any(tensor.is_string for tensor in numbers):
        raise InexactError(GETS_TEXT)
    return graph.concat([*parts, *(tensor.name for tensor in numbers)])


def _summed(graph: Graph, x: str, start: Any, stages: Sequence[Sequence[Tree]]) -> str:
    """[N, K]: the constants come first, so that the sums round as scikit-learn's do."""
    trees = [constant_tree(float(value)) for value in start] + [tree for stage in stages for tree in stage]
    targets = [*range(len(start))] * (1 + len(stages))
    return ensemble(graph, x, trees, targets)
