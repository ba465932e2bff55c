"""Isotonic regression beyond its thresholds, and of one threshold; the matrix has the rest."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from model_export.pipelines.convert.graph import Tensor
from model_export.pipelines.convert.isotonic import between_thresholds, isotonic_regressor
from tests.model_export.pipelines.convert.small_graph import evaluate

X = np.array([[-9.0], [0.0], [0.3], [0.5], [1.0], [7.0], [np.nan]])


@pytest.mark.parametrize("increasing", [True, False])
def test_between_thresholds_it_is_linear(increasing: bool) -> None:
    model = IsotonicRegression(increasing=increasing, out_of_bounds="clip").fit([0.0, 0.4, 0.5, 1.0], [3, 1, 4, 9])
    (found,) = evaluate(lambda graph, x: isotonic_regressor(graph, model, [Tensor(x, False, 1)]), X[:-1])
    np.testing.assert_allclose(found, model.predict(X[:-1].ravel()), rtol=1e-12)


@pytest.mark.parametrize("out_of_bounds", ["nan", "raise"])
def test_beyond_the_thresholds_there_is_no_answer(out_of_bounds: str) -> None:
    model = IsotonicRegression(out_of_bounds=out_of_bounds).fit([0.0, 0.5, 1.0], [1.0, 2.0, 3.0])
    (found,) = evaluate(lambda graph, x: isotonic_regressor(graph, model, [Tensor(x, False, 1)]), X)
    assert np.isnan(found).tolist() == [True, False, False, False, False, True, True]


def test_one_place_is_a_constant() -> None:
    (found,) = evaluate(lambda graph, x: between_thresholds(graph, [0.3], [0.7], x), X[:-1])
    assert found.ravel().tolist() == [0.7] * 6
