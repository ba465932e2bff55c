"""Work that takes long: in a thread where other requests wait, at once where the request is alone."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from functions.inference.authorised_route import EVENT
from functions.inference.long_work import run_long


@pytest.mark.parametrize(("scope", "is_elsewhere"), [({}, True), ({EVENT: {"version": "2.0"}}, False)])
def test_work_leaves_the_thread_of_the_event_loop_unless_its_request_is_alone_on_lambda(
    scope: dict[str, Any], is_elsewhere: bool
) -> None:
    def work(left: int, *, right: int) -> tuple[int, int]:
        return left + right, threading.get_ident()

    found, thread = asyncio.run(run_long(scope, work, 2, right=3))
    assert found == 5
    assert (thread != threading.get_ident()) is is_elsewhere


def test_work_on_lambda_needs_no_event_loop() -> None:
    answering = run_long({EVENT: {}}, max, 2, 3)
    with pytest.raises(StopIteration) as ended:
        answering.send(None)
    assert ended.value.value == 3
