"""Datetimes packed for a graph: whole microseconds, as numpy has them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from functions.predictors.datetime_cells import packed_datetimes


@given(st.lists(st.tuples(st.none() | st.datetimes(), st.none() | st.datetimes()), min_size=1, max_size=8))
@example([(datetime.min, datetime.max), (None, datetime(1969, 12, 31, 23, 59, 59, 999_999))])
def test_they_are_the_microseconds_of_numpy_row_by_row(rows: list[tuple[datetime | None, datetime | None]]) -> None:
    found = packed_datetimes(list(zip(*rows, strict=True)))
    np.testing.assert_array_equal(found, np.array(rows, dtype="datetime64[us]").astype(np.int64))
    assert (found.dtype, found.flags.c_contiguous) == (np.int64, True)
