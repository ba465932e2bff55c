"""Decisions from scores: the class and the probabilities of scikit-learn's formulas."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from model_export.pipelines.convert.probabilities import (
    by_highest,
    by_sign,
    by_sign_of_each,
    clipped_against_the_rest,
    clipped_of_two,
    highest,
    highest_of_each,
    likelihoods,
    of_classes,
    of_two_classes,
    one_against_the_rest,
    pairs_of,
    posterior,
    shares,
)
from tests.model_export.pipelines.convert.small_graph import evaluate

SCORES = np.array([[1.0, 2.0, -3.0], [0.0, 0.0, 0.0], [-700.0, -701.0, -702.0], [5.0, -5.0, 5.0]])
ONE = np.array([0.0, -0.0, 1e-300, 30.0, -30.0, 0.3])


@pytest.mark.parametrize(("second_if", "at_zero"), [("Greater", 0), ("GreaterOrEqual", 1)])
def test_two_classes_part_at_zero(second_if: str, at_zero: int) -> None:
    label, probabilities = evaluate(lambda graph, x: of_two_classes(graph, x, second_if=second_if), ONE)
    assert label.tolist() == [at_zero, at_zero, 1, 1, 0, 1]
    np.testing.assert_allclose(probabilities, np.column_stack([1 - expit(ONE), expit(ONE)]), rtol=1e-12, atol=1e-15)


def test_a_slope_stretches_the_score() -> None:
    _, probabilities = evaluate(lambda graph, x: of_two_classes(graph, x, slope=2.0), ONE)
    np.testing.assert_allclose(probabilities[:, 1], expit(2 * ONE), rtol=1e-12, atol=1e-15)


def test_several_classes_have_softmax_and_the_first_of_equal_scores() -> None:
    label, probabilities = evaluate(of_classes, SCORES)
    assert label.tolist() == evaluate(highest, SCORES)[0].tolist() == [1, 0, 0, 0]
    np.testing.assert_allclose(probabilities, softmax(SCORES, axis=1), rtol=1e-12)


def test_shares_are_equal_where_all_weights_are_zero() -> None:
    (found,) = evaluate(shares, np.array([[1.0, 3.0], [0.0, 0.0]]))
    assert found.tolist() == [[0.25, 0.75], [0.5, 0.5]]


def test_one_against_the_rest_keeps_the_digits_of_very_low_scores() -> None:
    label, probabilities = evaluate(one_against_the_rest, SCORES)
    assert label.tolist() == [1, 0, 0, 0]
    expected = expit(SCORES) / expit(SCORES).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-12)


def test_clipped_scores_of_two_classes() -> None:
    label, probabilities = evaluate(clipped_of_two, np.array([[-3.0], [0.0], [0.5], [2.0]]))
    assert label.tolist() == [0, 0, 1, 1]
    assert probabilities.tolist() == [[1.0, 0.0], [0.5, 0.5], [0.25, 0.75], [0.0, 1.0]]


def test_clipped_scores_of_several_classes() -> None:
    label, probabilities = evaluate(clipped_against_the_rest, np.array([[-2.0, 1.0, 0.0], [-9.0, -8.0, -7.0]]))
    assert label.tolist() == [1, 2]
    np.testing.assert_allclose(probabilities, [[0, 2 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3]])


def test_likelihoods_of_long_documents_are_softmax_in_more_digits() -> None:
    scores = SCORES * 100 - 5000
    label, probabilities = evaluate(likelihoods, scores)
    assert label.tolist() == [1, 0, 0, 0]
    np.testing.assert_allclose(probabilities, softmax(scores, axis=1), rtol=1e-9, atol=1e-300)


def test_a_posterior_keeps_the_differences_of_scores_of_any_size() -> None:
    scores = np.array([[-1e16, -1e16 - 2.0], [3.0, 3.5]])
    label, probabilities = evaluate(posterior, scores)
    assert label.tolist() == [0, 1]
    np.testing.assert_allclose(probabilities, softmax(scores, axis=1), rtol=1e-12)


def test_without_probabilities_the_scores_are_the_decision() -> None:
    label, decision = evaluate(by_sign, np.array([[-0.0], [5e-324], [-2.0]]))
    assert (label.tolist(), decision.tolist()) == ([0, 1, 0], [[0.0], [5e-324], [-2.0]])
    label, decision = evaluate(by_highest, SCORES)
    assert (label.tolist(), decision.tolist()) == ([1, 0, 0, 0], SCORES.tolist())


def test_the_highest_of_each_target_is_found_among_its_own_numbers() -> None:
    numbers = np.array([[0.9, 0.1, 0.2, 0.5, 0.3, 1.0], [0.5, 0.5, 0.1, 0.1, 0.1, 1.0]])
    (found,) = evaluate(lambda graph, x: (highest_of_each(graph, x, [2, 3, 1]),), numbers)
    assert found.tolist() == [[0, 1, 0], [0, 0, 0]]


def test_pairs_have_the_probabilities_of_both_labels_in_turn() -> None:
    (found,) = evaluate(lambda graph, x: (pairs_of(graph, x, 2),), np.array([[0.25, 1.0], [0.5, 0.0]]))
    assert found.tolist() == [[0.75, 0.25, 0.0, 1.0], [0.5, 0.5, 1.0, 0.0]]


def test_the_sign_of_each_score_is_a_label_of_its_own() -> None:
    label, scores = evaluate(by_sign_of_each, np.array([[0.5, -1.0], [0.0, 2.0]]))
    assert (label.tolist(), scores.tolist()) == ([[1, 0], [0, 1]], [[0.5, -1.0], [0.0, 2.0]])
