"""Predictions for many rows, some at a time, so that memory does not grow with a table."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from functions.core.schema import Table
from functions.predictors.by_task import GraphPredictor
from functions.predictors.row_parts import run_in_parts

BATCH_ROWS = 2_000
"""A kernel between so many rows and ten thousand support vectors takes 160 MB."""


def run_in_batches(predictor: GraphPredictor, table: Table) -> list[npt.NDArray[Any]]:
    """The graph's outputs for all rows, as `predictor.run` gives them for one batch."""
    return run_in_parts(predictor.run, table, BATCH_ROWS)
