"""Floors of the gate that stop a broken model and no good one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from functions.core.tasks import TASKS, Task

# Fewer rows leave so much chance in a metric that a floor would stop good models.
ENOUGH_ROWS = 100
ENOUGH_ROWS_OF_A_TABLE = 500
GUESSING = {"roc_auc": 0.5, "r2": 0.0}
"""The metrics of predictions that ignore their input."""


def half_way(metrics: Mapping[str, float], rows: int) -> dict[str, float]:
    """Floors half way from guessing to these metrics; none if the evaluation rows are few."""
    if rows < ENOUGH_ROWS:
        return {}
    return {
        # Rounded down, so that people read a short number, and no floor is above the half.
        name: math.floor(100 * (guess + (metrics[name] - guess) / 2)) / 100
        for name, guess in GUESSING.items()
        if metrics.get(name, guess) > guess
    }


def sound(task: Task, rows: int) -> dict[str, float]:
    """Floors at guessing, for a pipeline that may have been fitted on these rows; none if the rows are few."""
    if rows < ENOUGH_ROWS_OF_A_TABLE:
        return {}
    return {name: guess for name, guess in GUESSING.items() if name in TASKS[task].metrics}
