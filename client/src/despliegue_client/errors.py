"""Every error that the client raises on purpose.

ClientError
├── SettingsError        a base URL or token that cannot be used
├── UnsendableError      a value, table or file that cannot be sent
├── NoAnswerError        the server was not reached, or its answer did not come whole
├── ApiError             the server refused; carries one Fault for each entry of `errors`
├── TrainingError        a job that ended without a version; carries the faults of its rows
└── BatchError           a batch that ended without all of its predictions

No message holds a token or the query of a signed address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FAULTS_IN_MESSAGE = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason of a refusal: `loc` is the path in what was sent, ("body", 3, "year") or ("line", 12, "year")."""

    loc: tuple[str | int, ...]
    msg: str
    type: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Fault:
        return cls(tuple(entry.get("loc") or ()), str(entry.get("msg", "")), str(entry.get("type", "")))

    @property
    def place(self) -> str:
        """The place for people: line 12, column "price"; the keys and indices with points for what is no file."""
        match self.loc:
            case ("file", str(name)):
                return f'column "{name}"'
            case ("line", int(number)):
                return f"line {number}"
            case ("line", int(number), str(name)):
                return f'line {number}, column "{name}"'
        return ".".join(map(str, self.loc))

    def __str__(self) -> str:
        return f"{self.place}: {self.msg}" if self.loc else self.msg


class ClientError(Exception):
    """The parent of all errors of this package."""


class SettingsError(ClientError):
    """A base URL or token that cannot be used."""


class UnsendableError(ClientError):
    """A value, table or file that cannot be sent; nothing was."""


class NoAnswerError(ClientError):
    """The server was not reached, or its answer did not come whole; `was_sent` if the request may have arrived."""

    def __init__(self, message: str, *, was_sent: bool) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class ApiError(ClientError):
    """A refusal. `faults` are all reasons of the answer, `retry_after_seconds` what it asked to wait."""

    def __init__(
        self, status: int, faults: Sequence[Fault], request: str, *, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(f"{status} for {request}: {_listed(faults)}")
        self.status = status
        self.faults = tuple(faults)
        self.request = request
        self.retry_after_seconds = retry_after_seconds


class TrainingError(ClientError):
    """A job that ended without a version: `job` is its record, `faults` are those of its rows."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.job = dict(job)
        self.faults = tuple(map(Fault.of, job.get("errors") or ()))
        reason = _listed(self.faults) if self.faults else str(job.get("reason"))
        super().__init__(f"job {job.get('job')} was {job.get('state')}: {reason}")


class BatchError(ClientError):
    """A batch that ended failed, partial or cancelled: `batch` is its record, `faults` are those of its file."""

    def __init__(self, batch: Mapping[str, Any]) -> None:
        self.batch = dict(batch)
        self.faults = tuple(map(Fault.of, batch.get("faults") or ()))
        reason = _listed(self.faults) if self.faults else str(batch.get("reason") or "not all rows have a prediction")
        super().__init__(f"batch {batch.get('batch')} is {batch.get('state')}: {reason}")


def _listed(faults: Sequence[Fault]) -> str:
    first = "; ".join(map(str, faults[:FAULTS_IN_MESSAGE]))
    more = len(faults) - FAULTS_IN_MESSAGE
    return f"{first}; and {more} more (see .faults)" if more > 0 else first
