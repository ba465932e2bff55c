"""Rows of car prices, and the retraining that makes versions of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

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
