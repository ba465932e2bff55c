"""Distances from a row to all training rows, and metrics that are not known."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import nan_euclidean_distances

from model_export.pipelines.convert.distances import distances_of_row, nan_euclidean_distances_of_row
from model_export.pipelines.convert.graph import InexactError
from tests.model_export.pipelines.convert.small_graph import evaluate

ROWS = np.random.default_rng(0).normal(0, 1, (30, 4))
ROW = np.array([0.5, -1.0, 2.0, 0.0])


def neighbours(metric: Any, method: str = "kd_tree", **parameters: Any) -> Any:
    return SimpleNamespace(effective_metric_=metric, effective_metric_params_=parameters, _fit_method=method)


@pytest.mark.parametrize("method", ["kd_tree", "brute"])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "l1", "cityblock", "chebyshev", "sqeuclidean", "cosine"])
def test_a_metric_is_scikit_learns(metric: str, method: str) -> None:
    (found,) = evaluate(lambda graph, x: distances_of_row(graph, neighbours(metric, method), ROWS, x), ROW)
    np.testing.assert_allclose(found, pairwise_distances([ROW], ROWS, metric=metric)[0], rtol=1e-12)


def test_minkowski_has_its_power() -> None:
    chosen = neighbours("minkowski", p=3, w=None)
    (found,) = evaluate(lambda graph, x: distances_of_row(graph, chosen, ROWS, x), ROW)
    np.testing.assert_allclose(found, pairwise_distances([ROW], ROWS, metric="minkowski", p=3)[0], rtol=1e-12)


def test_equal_distances_are_equal_numbers() -> None:
    rows = np.array([[0.1, 0.7], [0.7, 0.1], [-0.1, -0.7]])
    (found,) = evaluate(lambda graph, x: distances_of_row(graph, neighbours("euclidean"), rows, x), np.zeros(2))
    assert found[0] == found[2]


@pytest.mark.parametrize(
    "chosen", [neighbours("hamming"), neighbours("minkowski", p=3, w=[1, 2, 3, 4]), neighbours(max)]
)
def test_another_metric_is_refused_with_the_known_ones(chosen: Any) -> None:
    with pytest.raises(InexactError, match="is not supported; use one of euclidean, sqeuclidean, manhattan"):
        evaluate(lambda graph, x: distances_of_row(graph, chosen, ROWS, x), ROW)


@pytest.mark.parametrize("width", [1, 2, 3, 8, 11, 24])
def test_distances_over_shared_columns_round_as_scikit_learn_does(width: int) -> None:
    random = np.random.default_rng(width)
    # squares of 1e10 are added and taken away again, which leaves an error far above that of the others
    rows, asked = (random.normal(0, 1, (count, width)) + 1e5 * (np.arange(width) == 1) for count in (40, 20))
    rows, asked = (np.where(random.random(of.shape) < 0.3, np.nan, of) for of in (rows, asked))
    missing, absent, filled = np.isnan(rows), np.isnan(asked), np.nan_to_num(rows)
    for row, lacking, expected in zip(asked, absent, nan_euclidean_distances(asked, rows), strict=True):
        (found,) = evaluate(
            lambda graph, x, holes: nan_euclidean_distances_of_row(
                graph, filled, graph.constant(filled.T.copy()), graph.constant(missing.T.copy()), x, holes
            ),
            np.nan_to_num(row),
            lacking.astype(np.float64),
        )
        np.testing.assert_allclose(found, expected, rtol=1e-9)
