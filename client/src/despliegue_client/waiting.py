"""Records that another machine moves on, followed to their end."""

from __future__ import annotations

from collections.abc import Callable

from despliegue_client.exchange import Operation, Pause, Record, Report

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
GROWTH = 1.3


def followed(look: Callable[[], Operation[Record]], unfinished: tuple[str, ...]) -> Operation[Record]:
    """The record as it ends. Each change of it is reported; looks come more seldom the longer it takes."""
    pause, shown = FIRST_PAUSE_SECONDS, None
    while True:
        record = yield from look()
        if record != shown:
            yield Report(record)
            shown = record
        if record["state"] not in unfinished:
            return record
        yield Pause(pause)
        pause = min(LONGEST_PAUSE_SECONDS, pause * GROWTH)
