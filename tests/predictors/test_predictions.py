"""Predictions from arrays: names of labels, scores, and the rows that have none."""

from __future__ import annotations

import numpy as np
import pytest

from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.predictors.predictions import classifications, decisions, named_labels, refuse_not_finite


def test_a_label_has_its_own_score_and_the_scores_of_all() -> None:
    rows = classifications(np.array([1, 0]), np.array([[0.25, 0.75], [0.5, 0.5]]), ["no", "yes"])
    assert rows == [
        {"label": "yes", "score": 0.75, "scores": {"no": 0.25, "yes": 0.75}},
        {"label": "no", "score": 0.5, "scores": {"no": 0.5, "yes": 0.5}},
    ]


def test_the_label_is_the_graphs_own_and_not_the_one_with_the_highest_score() -> None:
    (row,) = classifications(np.array([0]), np.array([[0.25, 0.75]]), ["no", "yes"])
    assert row == {"label": "no", "score": 0.25, "scores": {"no": 0.25, "yes": 0.75}}


def test_more_labels_than_rows_of_scores_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        classifications(np.array([1, 0]), np.array([[0.25, 0.75]]), ["no", "yes"])


@pytest.mark.parametrize("labels", [["no"], ["no", "maybe", "yes"]])
def test_labels_of_another_number_than_the_classes_name_no_class(labels: list[str]) -> None:
    with pytest.raises(DamagedVersionError, match=f"the graph has 2 classes, the manifest {len(labels)} labels"):
        classifications(np.array([0]), np.array([[0.25, 0.75]]), labels)


@pytest.mark.parametrize("values", [np.array([0.5, -1e308]), np.zeros((2, 3)), np.zeros((0, 2))])
def test_finite_values_are_no_error(values: np.ndarray) -> None:  # type: ignore[type-arg]
    refuse_not_finite(values)


def test_each_row_that_is_not_finite_is_named_once() -> None:
    values = np.array([[0.5, 0.5], [np.nan, np.inf], [0.1, 0.9], [-np.inf, 0.0]])
    with pytest.raises(InvalidInputError) as caught:
        refuse_not_finite(values)
    assert [(fault.loc, fault.type) for fault in caught.value.faults] == [((1,), "not_finite"), ((3,), "not_finite")]


def test_rows_of_a_regression_are_named_too() -> None:
    with pytest.raises(InvalidInputError) as caught:
        refuse_not_finite(np.array([1.0, np.nan]))
    assert [fault.loc for fault in caught.value.faults] == [(1,)]


def test_the_decision_of_two_labels_is_a_number_and_of_several_one_for_each() -> None:
    two = decisions(np.array([1, 0]), np.array([[0.25], [-3.0]]), ["no", "yes"])
    assert two == [{"label": "yes", "decision": 0.25}, {"label": "no", "decision": -3.0}]
    (three,) = decisions(np.array([2]), np.array([[-1.0, 0.0, 2.5]]), ["a", "b", "c"])
    assert three == {"label": "c", "decision": {"a": -1.0, "b": 0.0, "c": 2.5}}


@pytest.mark.parametrize(("columns", "labels"), [(1, ["a", "b", "c"]), (1, ["a"]), (3, ["a", "b"])])
def test_a_decision_of_another_number_of_labels_names_no_class(columns: int, labels: list[str]) -> None:
    with pytest.raises(DamagedVersionError, match=f"the manifest {len(labels)} labels"):
        decisions(np.array([0]), np.zeros((1, columns)), labels)


def test_rows_without_a_finite_decision_are_named() -> None:
    with pytest.raises(InvalidInputError) as caught:
        named_labels([np.array([0, 1]), np.array([[np.inf], [0.5]])], ["no", "yes"], "decision")
    assert [fault.loc for fault in caught.value.faults] == [(0,)]
