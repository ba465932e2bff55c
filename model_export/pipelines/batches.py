"""Predictions for many rows, some at a time, so that memory does not grow with a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.schema import Table, row_count
from functions.predictors.by_task import GraphPredictor

BATCH_ROWS = 2_000
"""A kernel between so many rows and ten thousand support vectors takes 160 MB."""


def run_in_batches(predictor: GraphPredictor, table: Table) -> list[npt.NDArray[Any]]:
    """The graph's outputs for all rows, as `predictor.run` gives them for one batch."""
    rows = row_count(table)
    starts = range(0, max(rows, 1), BATCH_ROWS)
    parts = [
        predictor.run({name: column[start : start + BATCH_ROWS] for name, column in table.items()}) for start in starts
    ]
    return parts[0] if len(parts) == 1 else [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]
