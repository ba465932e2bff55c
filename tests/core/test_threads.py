"""Calls at a time: their order, their errors, their context."""

from __future__ import annotations

import threading
from contextvars import ContextVar

import pytest

from functions.core.threads import THREADS, both, in_threads

REQUEST: ContextVar[str] = ContextVar("REQUEST", default="none")


def test_results_are_in_the_order_of_the_items() -> None:
    assert in_threads(lambda item: item * 2, range(1000)) == list(range(0, 2000, 2))
    assert in_threads(str, []) == []


def test_as_many_calls_as_there_are_threads_wait_at_once() -> None:
    together = threading.Barrier(THREADS, timeout=10)
    in_threads(lambda item: together.wait(), range(THREADS))


def test_an_error_of_one_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda item: 1 // item, [1, 0, 1])


def test_calls_know_the_request_of_their_caller() -> None:
    REQUEST.set("this one")
    assert in_threads(lambda item: REQUEST.get(), range(3)) == ["this one"] * 3
    assert both(REQUEST.get, REQUEST.get) == ("this one", "this one")


def test_both_calls_are_made_at_once() -> None:
    together = threading.Barrier(2, timeout=10)
    first, second = both(lambda: together.wait(), lambda: together.wait())
    assert {first, second} == {0, 1}


def test_an_error_of_either_is_raised() -> None:
    for first, second in ((1, 0), (0, 1)):
        with pytest.raises(ZeroDivisionError):
            both(lambda by=first: 1 // by, lambda by=second: 1 // by)  # type: ignore[misc]
