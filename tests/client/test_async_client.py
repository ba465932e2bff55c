"""The asynchronous client: the methods of Client, over the same operations."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from despliegue_client import AsyncClient, Client
from tests.servers_in_the_way import InTheWay, Throttle

Row = dict[str, Any]


def methods(kind: type) -> dict[str, Any]:
    return {
        name: found for name, found in vars(kind).items() if inspect.isfunction(found) and not name.startswith("__")
    }


def test_both_clients_have_the_same_methods_parameters_and_descriptions() -> None:
    threads, loop = methods(Client), methods(AsyncClient)
    assert threads.keys() == loop.keys()
    for name, method in threads.items():
        assert inspect.signature(method).parameters == inspect.signature(loop[name]).parameters, name
        assert inspect.getdoc(method) == inspect.getdoc(loop[name]), name
    both = [inspect.signature(one) for one in (Client, AsyncClient)]
    assert list(both[0].parameters) == list(both[1].parameters)


def test_rows_come_back_in_order_through_a_throttle(way: InTheWay, instances: Callable[[str], list[Row]]) -> None:
    throttle = way.hinder = Throttle(rate=20, burst=2)
    cars = instances("car-price")[:200]

    async def ask() -> tuple[list[Any], list[Any]]:
        async with AsyncClient(way.url, rows_per_request=20, retry_seconds=60) as client:
            many = await client.predict("car-price", cars)
            single = await asyncio.gather(*(client.predict("car-price", car) for car in cars[:3]))
            return many, [one for (one,) in single]

    many, single = asyncio.run(ask())
    assert len(many) == 200
    assert many[:3] == single
    assert throttle.refused > 0


def test_a_training_is_followed_and_a_batch_put_together(
    way: InTheWay, labelled: Callable[[str], list[Row]], instances: Callable[[str], list[Row]]
) -> None:
    cars = instances("car-price")[:40]

    async def ask() -> tuple[list[Row], list[Any], list[Any]]:
        async with AsyncClient(way.url, retry_seconds=60) as client:
            begun = await client.retrain("car-price", labelled("car-price")[:150], wait=False)
            records = [record async for record in client.follow_job("car-price", begun["job"])]
            outcome = await client.batch("car-price", cars)
            return records, list(outcome.predictions or ()), await client.predict("car-price", cars)

    records, of_batch, predicted = asyncio.run(ask())
    assert records[-1]["state"] == "succeeded"
    assert of_batch == predicted
