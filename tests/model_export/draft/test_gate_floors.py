"""Floors that stop a broken model, and the comparison that stops a clearly worse one."""

from __future__ import annotations

import pytest

from functions.core.definition import Comparison
from model_export.draft.gate_floors import compared, half_way, sound


def test_half_of_what_was_reached_above_guessing() -> None:
    assert half_way({"roc_auc": 0.9, "accuracy": 0.99}, 500) == {"roc_auc": 0.7}
    assert half_way({"r2": 0.81, "rmse": 3}, 500) == {"r2": 0.4}


def test_a_clear_r2_on_few_rows_must_stay_better_than_the_mean() -> None:
    assert half_way({"r2": 0.97, "rmse": 3}, 91) == {"r2": 0.0}
    assert half_way({"r2": 0.97}, 20) == half_way({"r2": 0.4}, 91) == {}


@pytest.mark.parametrize(("metrics", "rows"), [({"roc_auc": 0.9}, 50), ({"r2": -0.5}, 500), ({}, 500)])
def test_no_floor_from_few_rows_or_from_nothing_reached(metrics: dict[str, float], rows: int) -> None:
    assert half_way(metrics, rows) == {}


def test_a_pipeline_that_may_have_seen_its_rows_must_only_beat_guessing() -> None:
    assert sound("tabular-classification", 1000) == {"roc_auc": 0.5}
    assert sound("tabular-regression", 1000) == {"r2": 0.0}
    assert sound("tabular-regression", 100) == {}


@pytest.mark.parametrize(
    ("metrics", "rows", "comparison"),
    [
        ({"accuracy": 0.9, "roc_auc": 0.9}, 100, Comparison("roc_auc", 0.05)),
        ({"accuracy": 0.9, "roc_auc": 0.9}, 30, Comparison("accuracy", 0.1)),
        ({"accuracy": 0.9, "f1": 0.9}, 10_000, Comparison("accuracy", 0.01)),
        ({"rmse": 3.0, "r2": 0.9}, 400, Comparison("r2", 0.03)),
        ({"rmse": 3.0, "mae": 2.0}, 1, None),
    ],
)
def test_what_is_clearly_worse_depends_on_the_rows(
    metrics: dict[str, float], rows: int, comparison: Comparison | None
) -> None:
    assert compared(metrics, rows) == comparison
