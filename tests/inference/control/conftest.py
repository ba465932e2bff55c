"""Rows of car prices, the retraining that makes versions of them, and the application where none does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from functions.core.definition import Definition
from functions.local.application import local_application
from functions.local.home import Home
from tests.inference.control.retraining import Connect

Row = dict[str, Any]


@pytest.fixture
def cars(labelled: Callable[[str], list[Row]]) -> list[Row]:
    return labelled("car-price")[:800]


@pytest.fixture
def retrain(client: httpx.Client) -> Callable[[list[Row]], Row]:
    """Retrains car prices and answers the result."""

    def run(rows: list[Row]) -> Row:
        answer = client.post("/models/car-price/retrain", json=rows)
        assert answer.status_code == 200, answer.text
        data: Row = answer.json()["data"]
        return data

    return run


@pytest.fixture
def idle(home: Home, definitions: Mapping[str, Definition], connect: Connect) -> httpx.Client:
    """The application without a trainer: jobs stay queued."""
    return connect(local_application(home, definitions, base_url="http://localhost"))
