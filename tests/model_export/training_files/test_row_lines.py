"""The line on which each row begins."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model_export.training_files.row_lines import RowLines


@given(st.lists(st.integers(1, 3), min_size=1, max_size=30))
def test_every_row_keeps_its_line(lengths: list[int]) -> None:
    lines = [2 + sum(lengths[:row]) for row in range(len(lengths))]
    kept = RowLines()
    for row, line in enumerate(lines):
        kept.add(row, line)
    assert [kept.line_of(row) for row in range(len(lines))] == lines


def test_rows_that_follow_each_other_line_by_line_take_no_room() -> None:
    kept = RowLines()
    for row in range(0, 10_000, 500):  # a batch notes its first row alone
        kept.add(row, row + 2)
    assert len(kept.rows) == 1
    assert kept.line_of(9_999) == 10_001
