"""Votes of pairs and their confidences."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils.multiclass import _ovr_decision_function

from model_export.pipelines.convert.pairs import scores_of_pairs
from tests.model_export.pipelines.convert.small_graph import evaluate


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_scores_are_those_of_scikit_learn(classes: int) -> None:
    rng = np.random.default_rng(0)
    confidences = rng.normal(0, 2, (40, classes * (classes - 1) // 2))
    confidences[0] = 0.0
    won = confidences > 0
    (found,) = evaluate(lambda graph, x, y: scores_of_pairs(graph, x, y, classes), won, confidences)
    np.testing.assert_allclose(found, _ovr_decision_function(won, confidences, classes), rtol=1e-14)
