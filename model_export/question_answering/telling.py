"""Long work tells how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

TIMES = 10

Item = TypeVar("Item")
Report = Callable[[float], None]


def told(items: Sequence[Item], report: Report) -> Iterator[Item]:
    """Each item; before it `report` hears the share of the work that is done, ten times in all at most."""
    heard = -1
    for number, item in enumerate(items):
        tenth = number * TIMES // len(items)
        if tenth > heard:
            heard = tenth
            report(number / len(items))
        yield item
