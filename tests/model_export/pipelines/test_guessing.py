"""Models beside guesses: those that learned anything win, in one metric at least; the others do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model_export.pipelines.guessing import lost_to_guessing
from model_export.pipelines.metrics import Scored

RANDOM = np.random.default_rng(3)
RARE = np.array([0] * 980 + [1] * 20)
TRUTH = RANDOM.integers(0, 2, 200)


def scored(truth: Any, probability: Any, *, with_probabilities: bool = True) -> Scored:
    ones = np.asarray(probability, dtype=np.float64)
    both = np.column_stack([1 - ones, ones]) if with_probabilities else None
    return Scored(np.asarray(truth), (ones > 0.5).astype(np.int64), ("no", "yes"), both)


def test_one_label_for_all_rows_is_a_guess_however_good_its_order() -> None:
    """A model over unscaled columns: sure of one class, with the rows in the right order all the same."""
    found = lost_to_guessing(scored(TRUTH, 0.999 + TRUTH * 1e-4))
    assert found.startswith("no better than guessing on 200 rows: accuracy ")
    assert "balanced accuracy 0.5 (chance: 0.5)" in found
    assert "log_loss" in found


def test_random_answers_are_a_guess() -> None:
    assert lost_to_guessing(scored(TRUTH, RANDOM.random(200)))
    assert lost_to_guessing(scored(TRUTH, RANDOM.random(200), with_probabilities=False))


@pytest.mark.parametrize(
    "probability",
    [
        pytest.param(np.where(RARE, 0.3, 0.01), id="never the rare class, but likelier where it is"),
        pytest.param(
            np.where(RARE, 0.9, np.linspace(0.1, 0.6, 1000)), id="balanced: less accurate, most rare ones found"
        ),
    ],
)
def test_a_model_of_rare_cases_wins_by_what_it_is_for(probability: Any) -> None:
    assert lost_to_guessing(scored(RARE, probability)) == ""


def test_a_model_without_probabilities_wins_by_its_labels() -> None:
    assert lost_to_guessing(scored(TRUTH, TRUTH, with_probabilities=False)) == ""


def test_a_regression_is_compared_with_the_mean_and_the_median() -> None:
    truth = RANDOM.lognormal(7, 0.3, 100)
    assert lost_to_guessing(Scored(truth, truth * RANDOM.normal(1, 0.1, 100))) == ""
    found = lost_to_guessing(Scored(truth, np.log1p(truth)))
    assert "rmse" in found
    assert "(the median: " in found
    assert lost_to_guessing(Scored(truth, np.full(100, truth.mean())))


def test_outliers_do_not_hide_a_model_that_is_right_about_the_rest() -> None:
    truth = np.append(RANDOM.normal(10, 3, 100), 1e6)
    assert lost_to_guessing(Scored(truth, np.append(truth[:100], 10.0))) == ""


def test_nothing_is_asked_of_rows_with_one_value() -> None:
    assert lost_to_guessing(scored(np.ones(5, dtype=int), np.ones(5))) == ""
    assert lost_to_guessing(Scored(np.array([2.0]), np.array([3.0]))) == ""
    assert lost_to_guessing(Scored(np.array([]), np.array([]))) == ""
