"""A pipeline's own answers: numbers, labels by their place, and probabilities, decisions or counted votes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
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
