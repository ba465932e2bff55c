"""Improvements among evaluations, and the evaluations that count for the patience."""

from __future__ import annotations

import math
from typing import Any

import pytest

from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.evaluation_history import evaluations_without_improvement, is_improvement

EVERY_TEN: dict[str, Any] = {"evaluate_during_training_steps": 10}


def history(metric: str, values: list[float], steps: list[int]) -> list[dict[str, float]]:
    name = metric if metric == "eval_loss" else f"eval_{metric}"
    evaluated = [{"step": step, "eval_loss": 0.0, name: value} for step, value in zip(steps, values, strict=True)]
    return [{"step": 1.0, "loss": 9.0}, *evaluated]


@pytest.mark.parametrize(
    ("metric", "delta", "values", "without"),
    [
        ("f1", 0.0, [10, 30, 20], 1),
        ("f1", 0.0, [10, 20, 30], 0),
        ("f1", 0.0, [30, 30, 30], 2),
        ("f1", 5.0, [30, 34, 35], 2),
        ("f1", 5.0, [30, 34, 35.5], 0),
        ("f1", 5.0, [30, 34, 36, 40], 1),
        ("eval_loss", 0.0, [3, 1, 2, 2], 2),
        ("eval_loss", 0.5, [3, 2.6, 2.4, 2], 1),
        ("eval_loss", 0.0, [math.nan, 2, math.nan], 1),
        ("incorrect", 0.0, [3, 1, 0], 0),
    ],
)
def test_an_evaluation_is_an_improvement_if_it_is_better_by_more_than_the_delta(
    metric: str, delta: float, values: list[float], without: int
) -> None:
    arguments = FineTuningArguments(early_stopping_metric=metric, early_stopping_delta=delta, **EVERY_TEN)  # type: ignore[arg-type]
    log = history(metric, values, [10 * number for number in range(len(values))])
    assert evaluations_without_improvement(log, arguments) == without
    assert is_improvement(log, arguments) is (without == 0)


@pytest.mark.parametrize(("considers", "without"), [(False, 2), (True, 4)])
def test_evaluations_at_the_end_of_epochs_alone_count_only_on_request(considers: bool, without: int) -> None:
    arguments = FineTuningArguments(early_stopping_metric="f1", early_stopping_consider_epochs=considers, **EVERY_TEN)
    log = history("f1", [50, 40, 40, 40, 40], [10, 14, 20, 28, 30])
    assert evaluations_without_improvement(log, arguments) == without


def test_an_improvement_at_the_end_of_an_epoch_begins_to_count_from_there() -> None:
    arguments = FineTuningArguments(early_stopping_metric="f1", **EVERY_TEN)
    assert evaluations_without_improvement(history("f1", [50, 40, 60, 50], [10, 20, 28, 30]), arguments) == 1
