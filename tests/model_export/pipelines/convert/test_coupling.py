"""Probabilities of classes from those of pairs: libsvm's steps, row by row."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from model_export.pipelines.convert.coupling import coupled
from tests.model_export.pipelines.convert.small_graph import evaluate


def libsvm(pairs: Any, classes: int) -> Any:
    """One row, as multiclass_probability of libsvm's svm.cpp steps."""
    won = np.zeros((classes, classes))
    for (first, second), chance in zip(combinations(range(classes), 2), pairs, strict=True):
        won[first, second], won[second, first] = chance, 1 - chance
    form = -won * won.T
    for place in range(classes):
        form[place, place] = sum(won[other, place] ** 2 for other in range(classes) if other != place)
    found = np.full(classes, 1 / classes)
    for _ in range(100):
        gradient = form @ found
        value = found @ gradient
        if np.abs(gradient - value).max() < 0.005 / classes:
            break
        for place in range(classes):
            step = (value - gradient[place]) / form[place, place]
            found[place] += step
            value = (value + step * (step * form[place, place] + 2 * gradient[place])) / (1 + step) ** 2
            gradient = (gradient + step * form[place]) / (1 + step)
            found /= 1 + step
    return found


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_every_row_stops_where_libsvm_does(classes: int) -> None:
    count = classes * (classes - 1) // 2
    pairs = np.random.default_rng(0).uniform(1e-7, 1 - 1e-7, (60, count))
    pairs = np.vstack([pairs, np.full((1, count), 0.5), np.full((1, count), 1e-7), np.full((1, count), 1 - 1e-7)])
    (found,) = evaluate(lambda graph, x: coupled(graph, x, classes), pairs)
    expected = np.array([libsvm(row, classes) for row in pairs])
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_a_row_has_the_same_probabilities_alone() -> None:
    pairs = np.array([[0.5, 0.5, 0.5], [0.9, 0.2, 0.01]])
    (together,) = evaluate(lambda graph, x: coupled(graph, x, 3), pairs)
    (alone,) = evaluate(lambda graph, x: coupled(graph, x, 3), pairs[1:])
    np.testing.assert_allclose(together[1:], alone, rtol=1e-14)
