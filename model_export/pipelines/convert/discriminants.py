"""Discriminants by the distances from the centre of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.probabilities import highest, posterior


def quadratic(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return posterior(graph, _quadratic_scores(graph, estimator, inputs[0].name))


def quadratic_decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K]; [N, 1] with two classes."""
    return _of_second(graph, estimator, _quadratic_scores(graph, estimator, inputs[0].name))


def nearest_centroid(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    label, probabilities = posterior(graph, _centroid_scores(graph, estimator, inputs[0].name))
    if np.isclose(estimator.class_prior_, 1 / len(estimator.classes_)).all():
        # With equal priors scikit-learn compares distances that are not standardized.
        label = highest(graph, graph.op("Neg", _relative_distances(graph, inputs[0].name, estimator.centroids_)))
    return label, probabilities


def nearest_centroid_decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K]; [N, 1] with two classes."""
    return _of_second(graph, estimator, _centroid_scores(graph, estimator, inputs[0].name))


def _quadratic_scores(graph: Graph, estimator: Any, x: str) -> str:
    """[N, K]: -(distance² + log det) / 2 + log prior"""
    norms = []
    for mean, rotation, scaling in zip(estimator.means_, estimator.rotations_, estimator.scalings_, strict=True):
        centred = graph.op("Sub", x, graph.doubles(1, -1, of=mean))
        turned = graph.op("Gemm", centred, graph.constant(rotation * (scaling**-0.5)))
        squares = graph.op("Mul", turned, turned)
        norms.append(graph.op("ReduceSum", squares, graph.integers(1), keepdims=1))
    determinants = graph.doubles(1, -1, of=[np.sum(np.log(scaling)) for scaling in estimator.scalings_])
    halves = graph.op("Mul", graph.constant(np.array(-0.5)), graph.op("Add", graph.concat(norms), determinants))
    return graph.op("Add", halves, graph.doubles(1, -1, of=np.log(estimator.priors_)))


def _centroid_scores(graph: Graph, estimator: Any, x: str) -> str:
    """[N, K]: -distance² + 2 log prior, over features divided by their deviation within classes."""
    if estimator.metric != "euclidean":
        raise InexactError(f"metric={estimator.metric!r} has no scores; set metric='euclidean'")
    spread = estimator.within_class_std_dev_
    scale = np.where(spread != 0, spread, 1.0)
    scaled = graph.op("Div", x, graph.doubles(1, -1, of=scale))
    distances = _squared_distances(graph, scaled, estimator.centroids_ / scale)
    return graph.op("Sub", graph.doubles(1, -1, of=2.0 * np.log(estimator.class_prior_)), distances)


def _squared_distances(graph: Graph, x: str, centres: Any) -> str:
    """[N, K], at least 0, by the sum that scikit-learn's euclidean_distances makes."""
    squares = graph.op("ReduceSum", graph.op("Mul", x, x), graph.integers(1), keepdims=1)
    distances = graph.op("Add", _relative_distances(graph, x, centres), squares)
    return graph.op("Max", distances, graph.constant(np.array(0.0)))


def _relative_distances(graph: Graph, x: str, centres: Any) -> str:
    """[N, K]: c·c - 2 x·c, the squared distances less x·x, which all centres share."""
    return graph.op("Gemm", x, graph.constant(-2.0 * centres.T), graph.doubles(-1, of=(centres**2).sum(axis=1)))


def _of_second(graph: Graph, estimator: Any, scores: str) -> str:
    if len(estimator.classes_) > 2:
        return scores
    return graph.op("Sub", graph.gather(scores, [1]), graph.gather(scores, [0]))
