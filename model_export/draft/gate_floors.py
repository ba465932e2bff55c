"""Floors of the gate that stop what is broken and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping

from functions.core.tasks import Task

ENOUGH_ROWS = 100
ENOUGH_ROWS_OF_A_TABLE = 500
GUESSING = {"roc_auc": 0.5, "r2": 0.0}
"""What predictions are worth that know nothing."""


def half_way(metrics: Mapping[str, float], rows: int) -> dict[str, float]:
    """Half of what was reached above guessing on these evaluation rows; nothing where they are few."""
    if rows < ENOUGH_ROWS:
        return {}
    return {
        name: math.floor(100 * (guess + (metrics[name] - guess) / 2)) / 100
        for name, guess in GUESSING.items()
        if metrics.get(name, guess) > guess
    }


def sound(task: Task, rows: int) -> dict[str, float]:
    """Better than guessing, for a pipeline that may have seen its rows in training; nothing where they are few."""
    if rows < ENOUGH_ROWS_OF_A_TABLE:
        return {}
    return {"r2": GUESSING["r2"]} if task == "tabular-regression" else {"roc_auc": GUESSING["roc_auc"]}
