"""Rows from all over a table, as many as an experiment needs."""

from __future__ import annotations

from functions.core.schema import Table, row_count
from model_export.draft.write import SAMPLE_ROWS


def spread(table: Table) -> Table:
    """Every n-th row, so that at most as many are left as a sample has."""
    step = max(1, -(-row_count(table) // SAMPLE_ROWS))
    return {name: column[::step] for name, column in table.items()}
