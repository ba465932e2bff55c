"""What operations ask of a shell. An operation is a generator: it yields these, and is sent their results.

So the order of requests, what is repeated and what an answer means is written once, and each shell, with threads or
with an event loop, only carries out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit, urlunsplit

from despliegue_client.errors import ApiError, Fault

Result = TypeVar("Result")
Record = dict[str, Any]
"""An object of an answer, as docs of the HTTP interface describe it."""


@dataclass(frozen=True, slots=True)
class FormFile:
    """A form that is posted with a file: `content` is its bytes or where it lies."""

    fields: Mapping[str, str]
    name: str
    content: bytes | Path = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. The result of yielding it is its Answer; a shell raises NoAnswerError.

    `is_repeatable`: it does the same if it arrives twice.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    form: FormFile | None = None
    is_repeatable: bool = False

    @property
    def place(self) -> str:
        """The method and the address without its query, which may hold a signature."""
        return f"{self.method} {urlunsplit((*urlsplit(self.url)[:3], '', ''))}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have names in lower case; `body` is decompressed as Content-Encoding says."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_refusal(self) -> bool:
        return not 200 <= self.status < 300

    def data(self) -> Record:
        """What is in the envelope."""
        found: Record = json.loads(self.body)["data"]
        return found

    def error(self, request: Request, *, retry_after_seconds: float | None = None) -> ApiError:
        return ApiError(self.status, self._faults(), request.place, retry_after_seconds=retry_after_seconds)

    def _faults(self) -> list[Fault]:
        """Those of the envelope; of a gateway or a proxy, one with the text that it sent."""
        try:
            document = json.loads(self.body)
        except ValueError:
            document = None
        if isinstance(document, dict) and isinstance(document.get("errors"), list):
            return [Fault.of(entry) for entry in document["errors"] if isinstance(entry, dict)]
        message = document.get("message") if isinstance(document, dict) else None
        text = str(message) if message else self.body.decode(errors="replace").strip()[:500]
        return [Fault((), text or "no reason was given", f"http_{self.status}")]


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before going on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Show the record of a job or batch to whoever follows it."""

    record: Record


@dataclass(frozen=True, slots=True)
class Together:
    """Carry out operations at once, `most` at a time; the result is the list of their results, in order."""

    operations: Sequence[Operation[Any]]
    most: int


Effect = Request | Pause | Report | Together
Operation = Generator[Effect, Any, Result]


class Run(Generic[Result]):
    """An operation under way: `effect` is what it asks for, None when it has ended with its `result`."""

    result: Result

    def __init__(self, operation: Operation[Result]) -> None:
        self.effect: Effect | None = None
        self._operation = operation
        self._move(partial(next, operation))

    def go_on(self, outcome: Any) -> None:
        """Give the operation what it asked for. Raises what the operation raises."""
        self._move(partial(self._operation.send, outcome))

    def fail(self, error: Exception) -> None:
        """Raise the error where the operation waits, which may go on after it."""
        self._move(partial(self._operation.throw, error))

    def _move(self, step: Callable[[], Effect]) -> None:
        try:
            self.effect = step()
        except StopIteration as stop:
            self.effect, self.result = None, stop.value
