"""Operations carried out with threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from despliegue_client.errors import ApiError, NoAnswerError
from despliegue_client.exchange import Operation, Pause, Report, Request, Run, Together
from despliegue_client.thread_shell import ThreadShell

REQUEST = Request("GET", "http://x.example/a")


@pytest.fixture
def shell() -> Iterator[ThreadShell]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/cut":
            raise httpx.RemoteProtocolError("cut")
        return httpx.Response(200, json={"data": request.url.path})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        yield ThreadShell(http)


def reporting() -> Operation[str]:
    yield Report({"state": "running"})
    yield Pause(0)
    answer = yield REQUEST
    yield Report({"state": "succeeded"})
    return str(answer.data())


def test_an_operation_has_its_result_and_shows_its_progress(shell: ThreadShell) -> None:
    shown: list[str] = []
    assert shell.carry_out(reporting(), lambda record: shown.append(record["state"])) == "/a"
    assert shown == ["running", "succeeded"]
    assert [record["state"] for record in shell.progress(Run(reporting()))] == shown


def test_a_failure_is_raised_in_the_operation(shell: ThreadShell) -> None:
    def operation() -> Operation[bool]:
        try:
            yield Request("GET", "http://x.example/cut")
        except NoAnswerError as error:
            return error.was_sent
        return False

    assert shell.carry_out(operation()) is True


def test_operations_that_go_together_are_as_many_at_once_as_allowed_and_keep_their_order(shell: ThreadShell) -> None:
    active, most = [0], [0]
    lock = threading.Lock()

    def one(number: int) -> Operation[int]:
        with lock:
            active[0] += 1
            most[0] = max(most[0], active[0])
        yield Pause(0.02)
        with lock:
            active[0] -= 1
        return number

    def all_of_them() -> Operation[list[int]]:
        found: list[int] = yield Together([one(number) for number in range(12)], 3)
        return found

    assert shell.carry_out(all_of_them()) == list(range(12))
    assert most == [3]


def test_the_first_failure_ends_those_that_have_not_begun(shell: ThreadShell) -> None:
    begun: list[int] = []

    def one(number: int) -> Operation[None]:
        begun.append(number)
        yield Pause(0.01)
        raise ApiError(401, [], "GET http://x.example")

    def all_of_them() -> Operation[None]:
        yield Together([one(number) for number in range(50)], 2)

    with pytest.raises(ApiError):
        shell.carry_out(all_of_them())
    time.sleep(0.1)
    assert len(begun) < 10
