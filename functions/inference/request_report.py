"""What a request to predict did: its route writes it down, whoever runs the application may read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from functions.serving.production import ServedModel
from functions.serving.version import LoadedVersion, Predictions


@dataclass(slots=True)
class Report:
    """The version that answered, also where it refused; None if the request did not come so far.

    It is stale where production names another one, which cannot be served. `rows` were predicted.
    """

    version: int | None = None
    is_stale: bool = False
    rows: int = 0
    warnings: int = 0

    def serves(self, version: LoadedVersion, served: ServedModel) -> None:
        self.version, self.is_stale = version.manifest.version, served.is_stale

    def predicted(self, found: Predictions) -> None:
        self.rows, self.warnings = len(found.predictions), sum(map(len, found.warnings))


_report: ContextVar[Report | None] = ContextVar("report", default=None)


@contextmanager
def reporting() -> Iterator[Report]:
    """The report of the request that is answered within, in whichever thread or task."""
    report = Report()
    token = _report.set(report)
    try:
        yield report
    finally:
        _report.reset(token)


def current_report() -> Report:
    """That of the request at hand; one that nobody reads where nobody asked for it."""
    return _report.get() or Report()
