"""Operations carried out on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from despliegue_client.errors import ApiError
from despliegue_client.exchange import Operation, Pause, Report, Request, Run, Together
from despliegue_client.loop_shell import LoopShell


def within(use: Callable[[LoopShell], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={"data": request.url.path}))
        async with httpx.AsyncClient(transport=transport) as http:
            return await use(LoopShell(http))

    return asyncio.run(run())


def reporting() -> Operation[str]:
    yield Report({"state": "running"})
    yield Pause(0)
    answer = yield Request("GET", "http://x.example/a")
    return str(answer.data())


def test_an_operation_has_its_result_and_shows_its_progress() -> None:
    shown: list[Any] = []
    assert within(lambda shell: shell.carry_out(reporting(), shown.append)) == "/a"

    async def listed(shell: LoopShell) -> list[Any]:
        return [record async for record in shell.progress(Run(reporting()))]

    assert within(listed) == shown == [{"state": "running"}]


def test_operations_that_go_together_are_as_many_at_once_as_allowed_and_keep_their_order() -> None:
    active, most = [0], [0]

    def one(number: int) -> Operation[int]:
        active[0] += 1
        most[0] = max(most[0], active[0])
        yield Pause(0.01)
        active[0] -= 1
        return number

    def all_of_them() -> Operation[list[int]]:
        found: list[int] = yield Together([one(number) for number in range(12)], 3)
        return found

    assert within(lambda shell: shell.carry_out(all_of_them())) == list(range(12))
    assert most == [3]


def test_the_first_failure_ends_the_others() -> None:
    ended: list[int] = []

    def one(number: int) -> Operation[None]:
        yield Pause(0.01 if number == 0 else 5)
        ended.append(number)
        raise ApiError(401, [], "GET http://x.example")

    def all_of_them() -> Operation[None]:
        yield Together([one(number) for number in range(5)], 5)

    with pytest.raises(ApiError):
        within(lambda shell: shell.carry_out(all_of_them()))
    assert ended == [0]
