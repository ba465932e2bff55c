"""How a training tells the time, and how it counts its evaluations."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _torch() -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (93784, "26 h 3 min"),
    ],
)
def test_times_have_their_two_largest_units(seconds: float, text: str) -> None:
    from model_export.fine_tuning.progress import duration

    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("metric", "values", "since"),
    [
        ("f1", [10, 30, 20], 1),
        ("f1", [10, 20, 30], 0),
        ("f1", [30, 30, 30], 2),
        ("eval_loss", [3, 1, 2, 2], 2),
        ("incorrect", [3, 1, 0], 0),
    ],
)
def test_evaluations_are_counted_since_the_first_of_the_best(metric: str, values: list[float], since: int) -> None:
    from model_export.fine_tuning.rhythm import evaluations_since_best

    name = metric if metric == "eval_loss" else f"eval_{metric}"
    history = [{"step": 1.0, "loss": 9.0}, *({"step": 2.0, "eval_loss": 0.0, name: value} for value in values)]
    assert evaluations_since_best(history, metric) == since
