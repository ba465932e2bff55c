"""Eight clients at once while versions change: the version of every answer was in production at that moment."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from urllib.parse import urlsplit

import pytest

from benchmarks.clients import Freshness, Load, Request, drive
from tests.deployed.deployment import Deployment, Row, Stack

MODEL = "car-price"
CLIENTS = 8
WARM_SECONDS = 5.0
SECONDS = float(os.environ.get("DESPLIEGUE_LOAD_SECONDS", "60"))


def test_eight_clients_see_no_error_and_nothing_stale_while_versions_change(
    deployed: Deployment, stack: Stack, cars: list[Row], car: Row, capsys: pytest.CaptureFixture[str]
) -> None:
    request = _request(deployed, json.dumps(car).encode())
    freshness = Freshness()
    ended = threading.Event()
    trained: list[int] = []

    def retrain() -> None:
        while not ended.is_set():
            job = deployed.retrain(MODEL, cars, "?force=true")
            assert job["promoted"], job
            freshness.version = job["version"]
            trained.append(job["version"])

    _drive(deployed, request, WARM_SECONDS, Freshness())
    freshness.version = int(deployed.predict(MODEL, car)["version"])
    thread = threading.Thread(target=retrain)
    thread.start()
    load = _drive(deployed, request, SECONDS, freshness)
    ended.set()
    thread.join()
    with capsys.disabled():
        print(_figures(load))
    assert (load.errors, load.stale) == (0, 0)
    assert len(trained) > 1
    assert {*trained[:-1]} <= load.versions


def _figures(load: Load) -> str:
    return (
        f"\n{load.requests} requests of {CLIENTS} clients in {load.seconds:g} s,"
        f" p50 {load.percentile('one', 0.5):.0f} ms, p99 {load.percentile('one', 0.99):.0f} ms,"
        f" {len(load.versions)} versions"
    )


def _drive(deployed: Deployment, request: Request, seconds: float, freshness: Freshness) -> Load:
    return asyncio.run(drive(deployed.url, [request], clients=CLIENTS, seconds=seconds, freshness=freshness))


def _request(deployed: Deployment, body: bytes) -> Request:
    token = deployed.http.headers["Authorization"]
    head = (
        f"POST /models/{MODEL}/predict HTTP/1.1\r\nHost: {urlsplit(deployed.url).netloc}\r\nAuthorization: {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request("one", head.encode() + body)
