"""The shell with an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import httpx

from despliegue_client.errors import ClientError
from despliegue_client.exchange import Answer, Operation, Pause, Record, Report, Request, Run, Together
from despliegue_client.sending import answer_of, sendable

Result = TypeVar("Result")


class LoopShell:
    """Carries out operations by an httpx.AsyncClient; those that go together in tasks of their own."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def carry_out(
        self, operation: Operation[Result], on_progress: Callable[[Record], object] | None = None
    ) -> Result:
        run = Run(operation)
        async for record in self.progress(run):
            if on_progress is not None:
                on_progress(record)
        return run.result

    async def progress(self, run: Run[Any]) -> AsyncIterator[Record]:
        """Carry out an operation to its end; yields what it reports."""
        while run.effect is not None:
            if isinstance(run.effect, Report):
                yield run.effect.record
                run.go_on(None)
                continue
            try:
                outcome = await self._outcome(run.effect)
            except ClientError as error:
                run.fail(error)
            else:
                run.go_on(outcome)

    async def _outcome(self, effect: Request | Pause | Together) -> Any:
        if isinstance(effect, Request):
            return await self._answer(effect)
        return await (asyncio.sleep(effect.seconds) if isinstance(effect, Pause) else self._together(effect))

    async def _answer(self, request: Request) -> Answer:
        with sendable(request) as arguments:
            return answer_of(await self._http.request(**arguments))

    async def _together(self, effect: Together) -> list[Any]:
        free = asyncio.Semaphore(effect.most)

        async def one(operation: Operation[Any]) -> Any:
            async with free:
                return await self.carry_out(operation)

        tasks = [asyncio.create_task(one(operation)) for operation in effect.operations]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
