"""Progress of long loops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from model_export.progress import StageProgress

REPORTS = 10
"""Most reports of one loop: more would only fill the log."""

Item = TypeVar("Item")


def with_progress(items: Sequence[Item], report: StageProgress) -> Iterator[Item]:
    """Yield each item; before it, at most ten times in all, call `report` with the share of the items that are done."""
    reported = -1
    for number, item in enumerate(items):
        # By tenths of the work, not by time, so that a log is the same on every machine.
        tenth = number * REPORTS // len(items)
        if tenth > reported:
            reported = tenth
            report(number / len(items))
        yield item
