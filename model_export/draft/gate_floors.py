"""The gate of a new folder: floors that stop a broken model and no good one, and the comparison with production."""

from __future__ import annotations

import math
from collections.abc import Mapping

from functions.core.definition import Comparison
from functions.core.tasks import TASKS, Task

# Fewer rows leave so much chance in a metric that a floor would stop good models.
ENOUGH_ROWS = 100
ENOUGH_ROWS_OF_A_TABLE = 500
LEAST_MARGIN = 0.01
SOME_ROWS = 30
"""Evaluation rows from which a clear metric is no chance."""
CLEAR_R2 = 0.5
SPREAD = 0.5
"""The largest standard deviation of a share, such as an accuracy, over one row."""
GUESSING = {"roc_auc": 0.5, "r2": 0.0}
"""The metrics of predictions that ignore their input."""


def half_way(metrics: Mapping[str, float], rows: int) -> dict[str, float]:
    """Floors half way from guessing to these metrics. On few evaluation rows a clear r2 gives a floor at guessing, and
    ROC AUC, which a later file with few rows may leave undefined, gives none."""
    if rows < ENOUGH_ROWS:
        is_clear = rows >= SOME_ROWS and metrics.get("r2", 0.0) >= CLEAR_R2
        return {"r2": GUESSING["r2"]} if is_clear else {}
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


def compared(metrics: Mapping[str, float], rows: int) -> Comparison | None:
    """The comparison that stops what is clearly worse than production on so many rows, and not what is so by chance.

    On few rows the metrics vary more, in proportion to the square root of their number, and ROC AUC is often not
    defined. None without a metric whose margin would mean something.
    """
    names = ("r2", "roc_auc", "accuracy") if rows >= ENOUGH_ROWS else ("r2", "accuracy")
    name = next((one for one in names if one in metrics), None)
    return None if name is None else Comparison(name, _margin(rows))


def _margin(rows: int) -> float:
    return max(LEAST_MARGIN, math.ceil(100 * SPREAD / math.sqrt(max(rows, 1))) / 100)
