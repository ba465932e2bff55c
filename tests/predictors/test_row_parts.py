"""Tables cut so that no part has more cells than are in memory at once."""

from __future__ import annotations

import numpy as np
import pytest

from functions.core.schema import Table
from functions.predictors.row_parts import CELLS_AT_ONCE, rows_at_once, run_in_parts


@pytest.mark.parametrize(("rows", "sizes"), [(0, [0]), (1, [1]), (3, [3]), (7, [3, 3, 1])])
def test_outputs_of_parts_are_those_of_the_table_in_its_order(rows: int, sizes: list[int]) -> None:
    seen: list[int] = []

    def run(part: Table) -> list[np.ndarray]:
        seen.append(len(part["x"]))
        return [np.array(part["x"], dtype=np.float64)]

    table: Table = {"x": [float(value) for value in range(rows)]}
    (found,) = run_in_parts(run, table, 3)
    assert (seen, found.tolist()) == (sizes, table["x"])


def test_a_table_that_is_no_larger_than_a_part_is_given_as_it_is() -> None:
    table: Table = {"x": [1.0, 2.0]}
    given: list[Table] = []

    def run(part: Table) -> list[np.ndarray]:
        given.append(part)
        return []

    run_in_parts(run, table, 2)
    assert given[0] is table


@pytest.mark.parametrize(("width", "rows"), [(0, 2**22), (1, 2**22), (400, 10_485), (10_000, 419), (2**23, 1)])
def test_a_part_has_no_more_cells_than_are_in_memory_at_once_but_always_a_row(width: int, rows: int) -> None:
    assert rows_at_once(width) == rows
    assert rows == 1 or rows * width <= CELLS_AT_ONCE
