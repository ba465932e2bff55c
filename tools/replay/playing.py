"""The play: requests one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tools.replay.answers import Answer
from tools.replay.requests import Request, part_of

Ask = Callable[[Request, Mapping[str, Any]], Answer]
LOOK_SECONDS = 0.2
WAIT_SECONDS = 180.0


def play(requests: Iterable[Request], ask: Ask, kept: Mapping[str, Any]) -> Iterator[Answer]:
    """The answers in order. Requests may refer to the values in `kept` from the start.

    A request that waits in vain has the last answer.
    """
    known = dict(kept)
    for request in requests:
        answer = _asked_until(request, ask, known)
        known |= {name: part_of(answer.document, path) for name, path in request.keep.items()}
        yield answer


def has_come(request: Request, answer: Answer) -> bool:
    """True for an answer that the request waits for."""
    document = answer.document
    return all(str(part_of(document, path)) in values for path, values in request.until.items())


def _asked_until(request: Request, ask: Ask, known: Mapping[str, Any]) -> Answer:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        answer = ask(request, known)
        is_refused = answer.status is not None and answer.status >= 400
        if is_refused or has_come(request, answer) or time.monotonic() > until:
            return answer
        time.sleep(LOOK_SECONDS)
