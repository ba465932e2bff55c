"""The arithmetic on the outputs of members: means, columns, scores, and calibration by its thresholds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.svm import LinearSVC

from model_export.pipelines.convert.combining import (
    Calibrate,
    Column,
    Count,
    Mean,
    Scores,
    convert_calibrate,
    convert_column,
    convert_count,
    convert_mean,
    convert_scores,
)
from model_export.pipelines.convert.decisions import DECISIONS
from model_export.pipelines.convert.graph import InexactError, Tensor
from tests.model_export.pipelines.convert.small_graph import evaluate

FIRST, SECOND = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[0.3, 0.7], [0.4, 0.6]])
X = np.array([[-2.0], [0.0], [0.25], [1.0], [9.0]])


def mean(rule: Mean, *outputs: Any) -> list[Any]:
    return evaluate(
        lambda graph, *names: convert_mean(graph, rule, [Tensor(name, False, 2) for name in names]), *outputs
    )


def calibrated(fold: Any, scores: Any = X) -> Any:
    rule = Calibrate(estimator=None, fold=fold)
    width = scores.shape[1]
    return evaluate(lambda graph, x: convert_calibrate(graph, rule, [Tensor(x, False, width)]), scores)[0]


def test_probabilities_are_averaged_and_the_highest_is_chosen() -> None:
    label, average = mean(Mean(None), FIRST, SECOND)
    np.testing.assert_allclose(average, (FIRST + SECOND) / 2)
    assert label.tolist() == [0, 1]


def test_weights_count_and_predictions_have_no_label() -> None:
    (average,) = mean(Mean((1.0, 3.0), classifies=False), FIRST, SECOND)
    np.testing.assert_allclose(average, (FIRST + 3 * SECOND) / 4)


def test_predictions_become_a_column_of_doubles() -> None:
    labels = np.array([2, 0, 1], dtype=np.int64)
    (column,) = evaluate(lambda graph, x: convert_column(graph, Column(), [Tensor(x, False)]), labels)
    assert (column.dtype, column.tolist()) == (np.float64, [[2.0], [0.0], [1.0]])


@pytest.mark.parametrize(("classes", "decision"), [(2, [[0.5], [-2.5]]), (3, [[1, 1.5, 0], [2.5, 0, 0]])])
def test_votes_are_counted_by_class_with_their_weights(classes: int, decision: Any) -> None:
    votes = [np.array([0, 0]), np.array([1, 0])]
    count = Count((1.0, 1.5), classes)
    label, found = evaluate(
        lambda graph, *names: convert_count(graph, count, [Tensor(name, False) for name in names]), *votes
    )
    assert (label.tolist(), found.tolist()) == ([1, 0], decision)


@pytest.mark.parametrize("classes", [2, 3])
def test_of_equal_votes_the_first_class_wins(classes: int) -> None:
    label, _ = evaluate(
        lambda graph, *names: convert_count(graph, Count((1.0, 1.0), classes), [Tensor(name, False) for name in names]),
        np.array([1, 0]),
        np.array([0, 1]),
    )
    assert label.tolist() == [0, 0]


def test_scores_are_those_of_decision_function() -> None:
    model = LinearSVC(random_state=0).fit(X, [0, 0, 1, 1, 1])
    (scores,) = evaluate(lambda graph, x: convert_scores(graph, Scores(model), [Tensor(x, False, 1)]), X)
    np.testing.assert_allclose(scores.ravel(), model.decision_function(X), rtol=1e-12)


def test_scores_without_an_exact_form_are_refused_with_the_known_ones() -> None:
    with pytest.raises(InexactError, match="no exact form; use one of SGDClassifier") as refusal:
        evaluate(lambda graph, x: convert_scores(graph, Scores(RandomForestClassifier()), [Tensor(x, False, 1)]), X)
    assert all(kind.__name__ in str(refusal.value) for kind in DECISIONS)


def test_a_sigmoid_gives_both_classes() -> None:
    calibrator = SimpleNamespace(a_=-2.0, b_=0.5)
    found = calibrated(SimpleNamespace(method="sigmoid", calibrators=[calibrator]))
    second = expit(2.0 * X.ravel() - 0.5)
    np.testing.assert_allclose(found, np.column_stack([1 - second, second]), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("levels", [[0.1, 0.4, 0.9], [0.5, 0.5, 0.5]], ids=["steps", "one level"])
def test_isotonic_is_linear_between_thresholds_and_constant_beyond(levels: list[float]) -> None:
    calibrator = IsotonicRegression(out_of_bounds="clip").fit([0.0, 0.5, 1.0], levels)
    found = calibrated(SimpleNamespace(method="isotonic", calibrators=[calibrator]))
    np.testing.assert_allclose(found[:, 1], calibrator.predict(X.ravel()), rtol=1e-12)


def test_an_isotonic_calibrator_of_a_single_threshold_is_constant() -> None:
    calibrator = SimpleNamespace(X_thresholds_=np.array([0.3]), y_thresholds_=np.array([0.7]))
    found = calibrated(SimpleNamespace(method="isotonic", calibrators=[calibrator]))
    assert found[:, 1].tolist() == [0.7] * len(X)


def test_several_classes_are_calibrated_each_and_share_one() -> None:
    calibrators = [SimpleNamespace(a_=-1.0, b_=float(number)) for number in range(3)]
    scores = np.array([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])
    found = calibrated(SimpleNamespace(method="sigmoid", calibrators=calibrators), scores)
    each = expit(scores - np.arange(3.0))
    np.testing.assert_allclose(found, each / each.sum(axis=1, keepdims=True), rtol=1e-12)
