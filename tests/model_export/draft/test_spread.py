"""Rows from all over a table."""

from __future__ import annotations

from model_export.draft.spread import spread
from model_export.draft.write import SAMPLE_ROWS


def test_few_rows_stay_as_they_are() -> None:
    assert spread({"a": [1, 2, 3]}) == {"a": [1, 2, 3]}


def test_of_many_rows_every_nth_is_left() -> None:
    found = spread({"a": list(range(3 * SAMPLE_ROWS - 1)), "b": list(range(3 * SAMPLE_ROWS - 1))})
    assert found["a"][:3] == [0, 3, 6]
    assert len(found["a"]) == len(found["b"]) <= SAMPLE_ROWS
