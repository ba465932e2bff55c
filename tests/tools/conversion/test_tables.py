"""Tables of the matrix are the same at every run, and hold what their names promise."""

from __future__ import annotations

import pandas as pd
import pytest

from tools.conversion.tables import HELD_OUT_ROWS, TABLES, TRAINING_ROWS, sample


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_the_same_at_every_run(table: str) -> None:
    first, second = sample(table, "three"), sample(table, "three")
    pd.testing.assert_frame_equal(first.training, second.training)
    assert (len(first.training), len(first.held_out)) == (TRAINING_ROWS, HELD_OUT_ROWS)
    assert bool(first.training.isna().any(axis=None)) == ("holes" in table)
    assert first.training_target.value_counts().min() > TRAINING_ROWS / 5


def test_targets_follow_the_columns() -> None:
    rows = sample("small", "number")
    assert abs(rows.training["age"].corr(rows.training_target)) > 0.3
