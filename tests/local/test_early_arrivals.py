"""Arrivals for models that are not there: kept until they are, and logged once."""

from __future__ import annotations

import logging

import pytest

from functions.core.clock import now
from functions.core.uploads import Arrival
from functions.local.early_arrivals import EarlyArrivals

UPLOAD = f"uploads/boats/jobs/{'0' * 32}/rows.csv"
DROPPED = "uploads/boats/march.csv"


def arrival_of(key: str, identity: str = "1") -> Arrival:
    return Arrival(key, identity, now())


def test_an_arrival_for_a_model_that_is_there_is_not_kept() -> None:
    early = EarlyArrivals(["churn"])
    assert not early.keep(arrival_of("uploads/churn/march.csv"))
    assert early.due() == []


def test_arrivals_are_kept_until_their_model_comes() -> None:
    models = {"churn"}
    early = EarlyArrivals(models)
    arrivals = [arrival_of(UPLOAD), arrival_of(DROPPED)]
    assert [early.keep(one) for one in (*arrivals, arrival_of("uploads/rent/march.csv"))] == [True] * 3
    assert early.due() == []
    models.add("boats")
    assert early.due() == arrivals
    assert early.due() == []
    assert not early.keep(arrivals[0])


def test_a_file_that_was_written_again_is_due_once_as_it_is_now() -> None:
    models: set[str] = set()
    early = EarlyArrivals(models)
    first, second = arrival_of(DROPPED, "1"), arrival_of(DROPPED, "2")
    assert early.keep(first)
    assert early.keep(second)
    models.add("boats")
    assert early.due() == [second]


def test_each_file_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    models: set[str] = set()
    early = EarlyArrivals(models)
    with caplog.at_level(logging.WARNING):
        for key in (DROPPED, UPLOAD, DROPPED):
            early.keep(arrival_of(key))
        models.add("boats")
        early.due()
        models.clear()
        early.keep(arrival_of(DROPPED))
    assert [record.getMessage().split()[0] for record in caplog.records] == [DROPPED, UPLOAD]
    assert "the model boats" in caplog.text
