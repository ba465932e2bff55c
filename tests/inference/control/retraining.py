"""Requests for a training, and the jobs that they start."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
from starlette.types import ASGIApp

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
Connect = Callable[[ASGIApp], httpx.Client]
CAR, CHURN = "/models/car-price", "/models/churn"
REGRESSION = {"rmse", "mae", "r2"}
ASYNC = {"Prefer": "respond-async"}


def post(client: httpx.Client, path: str, body: Any, status: int = 200, **options: Any) -> Any:
    answer = client.post(path, json=body, **options)
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status < 400 else "errors"]


def version_of(client: httpx.Client, model: str) -> Any:
    return client.get(model).json()["data"]["version"]


def finished(client: httpx.Client, location: str) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        job = client.get(location).json()["data"]
        if job["state"] not in ("waiting", "queued", "running"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"{location} did not end: {job}")
