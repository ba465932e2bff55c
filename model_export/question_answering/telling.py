"""Long work tells how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from model_export.progress import StageProgress

TIMES = 10

Item = TypeVar("Item")


def told(items: Sequence[Item], report: StageProgress) -> Iterator[Item]:
    """Each item; before it `report` hears the share of the work that is done, ten times in all at most."""
    heard = -1
    for number, item in enumerate(items):
        tenth = number * TIMES // len(items)
        if tenth > heard:
            heard = tenth
            report(number / len(items))
        yield item
