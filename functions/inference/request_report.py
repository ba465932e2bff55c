"""Report of a request to predict: its route fills it in, and a handler may read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from functions.serving.production import ServedModel
from functions.serving.version import LoadedVersion, Predictions


@dataclass(slots=True)
class Report:
    """The version that answered or refused, None if the request did not reach one.

    It is stale if production names another version, which cannot be served. `rows` counts predictions.
    """

    version: int | None = None
    is_stale: bool = False
    rows: int = 0
    warnings: int = 0

    def serves(self, version: LoadedVersion, served: ServedModel) -> None:
        self.version, self.is_stale = version.manifest.version, served.is_stale

    def predicted(self, found: Predictions) -> None:
        self.rows, self.warnings = len(found.predictions), sum(map(len, found.warnings))


# a context variable follows a request into the thread pool, where a thread-local would not
_report: ContextVar[Report | None] = ContextVar("report", default=None)


@contextmanager
def reporting() -> Iterator[Report]:
    """The report of the request that is answered inside this block, in any thread or task."""
    report = Report()
    token = _report.set(report)
    try:
        yield report
    finally:
        _report.reset(token)


def current_report() -> Report:
    """The report of the present request; outside of `reporting` one that nobody reads."""
    return _report.get() or Report()
