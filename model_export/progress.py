"""The progress of long work, as it is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Progress = Callable[[str, float], None]
"""Called with the name of the stage that begins, and the share of the whole work that is done, from 0 to 1."""
StageProgress = Callable[[float], None]
"""Called with the share of one stage that is done, from 0 to 1."""
REPORTS = 10
"""Most reports of one loop: more would only fill the log."""

Item = TypeVar("Item")


def stage_progress(progress: Progress, stage: str, start: float, end: float) -> StageProgress:
    """Progress of one stage, reported as a share of the whole that goes from `start` to `end`."""
    return lambda share: progress(stage, start + share * (end - start))


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
