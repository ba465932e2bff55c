"""Outcomes are named by the largest difference and by labels."""

from __future__ import annotations

import numpy as np
import pytest

from tools.conversion.outcome import Answers, compared

EXPECTED = Answers(np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0]))


@pytest.mark.parametrize(
    ("moved", "labels", "kind"),
    [
        (0.0, [1, 0], "exact"),
        (2e-10, [1, 0], "exact"),
        (1e-6, [1, 0], "near"),
        (0.01, [1, 0], "wrong"),
        (0.0, [1, 1], "wrong"),
        (np.nan, [1, 0], "wrong"),
    ],
)
def test_the_kind_of_an_outcome(moved: float, labels: list[int], kind: str) -> None:
    found = compared(EXPECTED, Answers(EXPECTED.values + moved, np.array(labels)))
    assert (found.kind, found.rows) == (kind, 2)


def test_what_differs_is_counted() -> None:
    values = EXPECTED.values + np.array([[0.0, 0.0], [0.1, 0.0]])
    assert compared(EXPECTED, Answers(values, np.array([0, 0]))).detail == "by 2e-01 in 1 of 2 rows, 1 other labels"


def test_answers_of_another_shape_are_wrong() -> None:
    assert compared(EXPECTED, Answers(np.zeros((2, 3)))).kind == "wrong"
