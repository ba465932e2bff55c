"""One fault for a column that is wrong in most rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from functions.core.errors import Fault
from functions.core.repeated_faults import MANY_ROWS, summed_up


def listed(kinds: dict[int, str], rows: int) -> list[tuple[object, str]]:
    def faults() -> Iterator[Fault]:
        return (Fault((row, "year"), f"bad {row}", kind) for row, kind in kinds.items())

    return [(fault.loc[0], fault.msg) for fault in summed_up(faults, rows)]


def test_the_first_is_for_all_and_counts_them() -> None:
    assert listed(dict.fromkeys(range(800), "type"), 800) == [(0, "bad 0; so in all 800 rows")]
    assert listed(dict.fromkeys(range(3, 793), "type"), 800) == [(3, "bad 3; so in 790 of 800 rows")]


def test_faults_of_another_kind_stay() -> None:
    kinds = {**dict.fromkeys(range(100), "type"), 4: "enum", 120: "enum"}
    assert listed(kinds, 150) == [(0, "bad 0; so in 99 of 150 rows"), (4, "bad 4"), (120, "bad 120")]


@pytest.mark.parametrize(("wrong", "rows"), [(MANY_ROWS - 1, MANY_ROWS - 1), (400, 800), (0, 800)])
def test_few_rows_and_fewer_than_most_are_listed_each(wrong: int, rows: int) -> None:
    assert listed(dict.fromkeys(range(wrong), "type"), rows) == [(row, f"bad {row}") for row in range(wrong)]
