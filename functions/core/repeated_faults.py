"""One fault in place of many: a column that is wrong in most rows is one mistake, not hundreds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from functions.core.errors import Fault

MANY_ROWS = 20
"""The rows from which on a column can be wrong as a whole; in fewer, each fault is listed."""


def summed_up(faults: Callable[[], Iterator[Fault]], rows: int) -> Iterator[Fault]:
    """The faults of one column, in which the first of a kind that most of the rows have is for all of them.

    `faults` gives them in the order of the rows, each time it is called.
    """
    if rows < MANY_ROWS:
        yield from faults()
        return
    counts = Counter(fault.type for fault in faults())
    frequent = {kind: count for kind, count in counts.items() if count > rows / 2}
    for fault in faults():
        if fault.type not in frequent:
            yield fault
        elif frequent[fault.type]:
            yield replace(fault, msg=f"{fault.msg}{so_in(frequent[fault.type], rows)}")
            frequent[fault.type] = 0


def so_in(count: int, rows: int) -> str:
    """The end of a message on one row for a fault that many rows have."""
    return f"; so in {f'all {rows}' if count == rows else f'{count} of {rows}'} rows"
