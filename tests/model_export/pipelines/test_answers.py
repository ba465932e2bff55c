"""A pipeline's own answers: numbers, labels by their place, and probabilities, decisions or counted votes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from model_export.pipelines import answers

X = np.linspace(-3, 3, 30).reshape(-1, 1)
TWO = np.where(X.ravel() > 0, "yes", "no")
THREE = np.array(["c", "a", "b"])[np.digitize(X.ravel(), [-1, 1])]


def votes_of(weights: Any = None) -> VotingClassifier:
    return VotingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier(max_depth=1))], weights=weights)


def test_a_regressor_has_values() -> None:
    model = LinearRegression().fit(X, X)
    np.testing.assert_allclose(answers.predicted_values(model, X), X.ravel(), atol=1e-12)


def test_labels_are_places_among_the_classes() -> None:
    model = LogisticRegression(C=100).fit(X, THREE)
    assert answers.labels(model, X[[0, 15, 29]]).tolist() == [2, 0, 1]


def test_probabilities_go_before_a_decision() -> None:
    model = LogisticRegression().fit(X, TWO)
    np.testing.assert_array_equal(answers.scores(model, X), model.predict_proba(X))


@pytest.mark.parametrize(("target", "shape"), [(TWO, (30, 1)), (THREE, (30, 3))])
def test_a_decision_has_a_column_for_each_of_several_classes(target: Any, shape: tuple[int, int]) -> None:
    model = make_pipeline(StandardScaler(), LinearSVC()).fit(X, target)
    found = answers.scores(model, X)
    assert found.shape == shape
    np.testing.assert_array_equal(found.ravel(), model.decision_function(X).ravel())


@pytest.mark.parametrize("wrapped", [False, True])
def test_votes_are_counted_by_class(wrapped: bool) -> None:
    model: Any = votes_of([1, 2])
    if wrapped:
        model = make_pipeline(StandardScaler(), GridSearchCV(votes_of(), {"weights": [[1, 2]]}, cv=2))
    found = answers.scores(model.fit(X, THREE), X)
    assert set(found.sum(axis=1)) == {3.0}
    assert answers.labels(model, X).tolist() == found.argmax(axis=1).tolist()


def test_the_votes_for_the_first_of_two_classes_are_taken_off() -> None:
    model = votes_of().fit(X, TWO)
    found = answers.scores(model, X)
    assert set(found.ravel()) <= {-2.0, 0.0, 2.0}
    assert answers.labels(model, X).tolist() == (found.ravel() > 0).astype(int).tolist()


BOTH = np.column_stack([TWO, THREE]).astype(object)


def test_several_targets_have_labels_and_scores_side_by_side() -> None:
    model = MultiOutputClassifier(LogisticRegression()).fit(X, BOTH)
    labels, scores = answers.labels(model, X), answers.scores(model, X)
    assert (labels.shape, scores.shape) == ((30, 2), (30, 5))
    assert labels[0].tolist() == [0, 2]
    np.testing.assert_array_equal(labels[:, 0], answers.labels(model.estimators_[0], X))
    np.testing.assert_allclose(scores[:, 2:], model.estimators_[1].predict_proba(X))
    np.testing.assert_allclose(scores[:, :2].sum(axis=1), 1)


def test_a_matrix_of_labels_has_both_probabilities_of_each() -> None:
    matrix = np.column_stack([TWO == "yes", THREE == "a"]).astype(int)
    model = OneVsRestClassifier(LogisticRegression()).fit(X, matrix)
    scores, chances = answers.scores(model, X), model.predict_proba(X)
    np.testing.assert_allclose(scores[:, [1, 3]], chances)
    np.testing.assert_allclose(scores[:, [0, 2]], 1 - chances)
    sparse = OneVsRestClassifier(LogisticRegression()).fit(X, csr_matrix(matrix))
    np.testing.assert_array_equal(answers.labels(sparse, X), answers.labels(model, X))


def test_members_that_have_a_decision_alone_are_asked_behind_the_steps_before() -> None:
    model = make_pipeline(StandardScaler(), MultiOutputClassifier(LinearSVC())).fit(X, BOTH)
    scaled = model[:-1].transform(X)
    expected = np.hstack([one.decision_function(scaled).reshape(30, -1) for one in model[-1].estimators_])
    np.testing.assert_allclose(answers.scores(model, X), expected)
    assert expected.shape == (30, 4)


def test_a_regressor_of_several_targets_has_a_column_for_each() -> None:
    model = LinearRegression().fit(X, np.hstack([X, -X]))
    np.testing.assert_allclose(answers.predicted_values(model, X), np.hstack([X, -X]), atol=1e-12)
