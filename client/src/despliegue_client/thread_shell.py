"""The shell with threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx

from despliegue_client.errors import ClientError
from despliegue_client.exchange import Answer, Operation, Pause, Record, Report, Request, Run, Together
from despliegue_client.sending import answer_of, sendable

Result = TypeVar("Result")


class ThreadShell:
    """Carries out operations by an httpx.Client; those that go together in threads of their own."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def carry_out(self, operation: Operation[Result], on_progress: Callable[[Record], object] | None = None) -> Result:
        run = Run(operation)
        for record in self.progress(run):
            if on_progress is not None:
                on_progress(record)
        return run.result

    def progress(self, run: Run[Any]) -> Iterator[Record]:
        """Carry out an operation to its end; yields what it reports."""
        while run.effect is not None:
            if isinstance(run.effect, Report):
                yield run.effect.record
                run.go_on(None)
                continue
            try:
                outcome = self._outcome(run.effect)
            except ClientError as error:
                run.fail(error)
            else:
                run.go_on(outcome)

    def _outcome(self, effect: Request | Pause | Together) -> Any:
        if isinstance(effect, Request):
            return self._answer(effect)
        return time.sleep(effect.seconds) if isinstance(effect, Pause) else self._together(effect)

    def _answer(self, request: Request) -> Answer:
        with sendable(request) as arguments:
            return answer_of(self._http.request(**arguments))

    def _together(self, effect: Together) -> list[Any]:
        if len(effect.operations) == 1:
            return [self.carry_out(effect.operations[0])]
        with ThreadPoolExecutor(min(effect.most, len(effect.operations))) as pool:
            futures = [pool.submit(self.carry_out, operation) for operation in effect.operations]
            try:
                return [future.result() for future in futures]
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
