"""Tables whose graph makes wide tensors, some rows at a time, so that memory does not grow with rows times columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.schema import Table, row_count

CELLS_AT_ONCE = 2**22
"""Cells of the widest tensor in memory at once, 32 MB of doubles; a larger batch is predicted in parts."""

Outputs = list[npt.NDArray[Any]]


def rows_at_once(width: int) -> int:
    """The rows of a part whose widest tensor has so many columns."""
    return max(1, CELLS_AT_ONCE // max(1, width))


def run_in_parts(run: Callable[[Table], Outputs], table: Table, most: int) -> Outputs:
    """What `run` gives for the table, which it gets in parts of at most so many rows: as it is where it has no more."""
    rows = row_count(table)
    if rows <= most:
        return run(table)
    starts = range(0, rows, most)
    parts = [run({name: column[start : start + most] for name, column in table.items()}) for start in starts]
    return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]
