"""The Python client against the deployment, through a throttle as that of the stage, which the rehearsal lacks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import cycle, islice
from typing import Any

from despliegue_client import Client

from functions.core.definition import Definition
from tests.deployed.deployment import Deployment, Row
from tests.servers_in_the_way import Throttle, in_the_way

MODEL = "car-price"
ROWS = int(os.environ.get("DESPLIEGUE_CLIENT_ROWS", "3000"))
"""50000 is the whole trial."""


def token_of(deployed: Deployment) -> str:
    return str(deployed.http.headers["Authorization"]).removeprefix("Bearer ")


def expected(deployed: Deployment, rows: list[Row]) -> list[Any]:
    """Predictions of plain requests."""
    parts = [rows[start : start + 5_000] for start in range(0, len(rows), 5_000)]
    return [one for part in parts for one in deployed.predict(MODEL, part)["predictions"]]


def test_rows_come_back_in_order_with_a_throttle_in_the_way(
    deployed: Deployment, every_model: Mapping[str, Definition]
) -> None:
    examples = [dict(one) for one in every_model[MODEL].examples]
    cars = [{**car, "km_driven": 1_000 + number} for number, car in enumerate(islice(cycle(examples), ROWS))]
    throttle = Throttle(rate=10, burst=3)
    with in_the_way(deployed.url) as way, Client(way.url, token_of(deployed), rows_per_request=500) as client:
        way.hinder = throttle
        assert client.predict(MODEL, cars) == expected(deployed, cars)
    assert throttle.refused > 0


def test_a_model_is_retrained_and_rolled_back(deployed: Deployment, cars: list[Row]) -> None:
    with Client(deployed.url, token_of(deployed)) as client:
        before = client.production(MODEL)["version"]
        job = client.retrain(MODEL, cars, force=True)
        assert client.production(MODEL)["version"] == job["version"] != before
        assert client.roll_back(MODEL)["version"] == before
        # the way back pinned it, and other tests train
        assert client.promote(MODEL, job["version"], pin=False)["pinned"] is False


def test_a_batch_is_put_together_from_its_files(deployed: Deployment, cars: list[Row]) -> None:
    target = "selling_price"
    rows = [{name: value for name, value in car.items() if name != target} for car in cars[:100]]
    with Client(deployed.url, token_of(deployed)) as client:
        outcome = client.batch(MODEL, rows)
        assert outcome.predictions == client.predict(MODEL, rows)
