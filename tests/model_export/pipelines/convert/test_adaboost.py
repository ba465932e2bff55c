"""AdaBoost: the arithmetic on votes and predictions; the matrix compares whole ensembles."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model_export.pipelines.convert.adaboost import BoostedVotes, Median, convert_boosted_votes, convert_median
from model_export.pipelines.convert.graph import Tensor
from tests.model_export.pipelines.convert.small_graph import evaluate


def median(weights: tuple[float, ...], *predictions: Any) -> list[float]:
    boosted = SimpleNamespace(estimators_=[None] * len(weights), estimator_weights_=weights)
    (found,) = evaluate(
        lambda graph, *names: convert_median(graph, Median(boosted), [Tensor(name, False) for name in names]),
        *map(np.array, predictions),
    )
    return list(found.tolist())


def test_the_median_is_a_prediction_at_which_half_of_the_weight_is_reached() -> None:
    assert median((1.0, 1.0, 1.0), [3.0, 1.0], [1.0, 5.0], [2.0, 9.0]) == [2.0, 5.0]
    assert median((10.0, 1.0, 1.0), [3.0, 1.0], [1.0, 5.0], [2.0, 9.0]) == [3.0, 1.0]
    assert median((1.0, 1.0), [3.0], [1.0]) == [1.0]


@pytest.mark.parametrize("decides", [True, False])
def test_a_member_that_knows_fewer_classes_votes_for_its_own(decides: bool) -> None:
    every = np.array(["a", "b", "c"])
    members = [SimpleNamespace(classes_=every), SimpleNamespace(classes_=np.array(["a", "c"]))]
    boosted = SimpleNamespace(classes_=every, estimators_=members, estimator_weights_=np.array([1.0, 3.0]))
    rule = BoostedVotes(boosted, decides)
    found = evaluate(
        lambda graph, *names: convert_boosted_votes(graph, rule, [Tensor(name, False) for name in names]),
        np.array([1, 0]),
        np.array([1, 0]),
    )
    decision = np.array([[-0.5, -0.125, 0.625], [1.0, -0.5, -0.5]])
    if decides:
        np.testing.assert_allclose(found[0], decision)
        return
    assert found[0].tolist() == [2, 0]
    expected = np.exp(decision / 2) / np.exp(decision / 2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found[1], expected, rtol=1e-12)
