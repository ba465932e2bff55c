"""Floors that stop a broken model."""

from __future__ import annotations

import pytest

from model_export.draft.gate_floors import half_way, sound


def test_half_of_what_was_reached_above_guessing() -> None:
    assert half_way({"roc_auc": 0.9, "accuracy": 0.99}, 500) == {"roc_auc": 0.7}
    assert half_way({"r2": 0.81, "rmse": 3}, 500) == {"r2": 0.4}


@pytest.mark.parametrize(("metrics", "rows"), [({"roc_auc": 0.9}, 50), ({"r2": -0.5}, 500), ({}, 500)])
def test_no_floor_from_few_rows_or_from_nothing_reached(metrics: dict[str, float], rows: int) -> None:
    assert half_way(metrics, rows) == {}


def test_a_pipeline_that_may_have_seen_its_rows_must_only_beat_guessing() -> None:
    assert sound("tabular-classification", 1000) == {"roc_auc": 0.5}
    assert sound("tabular-regression", 1000) == {"r2": 0.0}
    assert sound("tabular-regression", 100) == {}
