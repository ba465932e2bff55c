"""Predict prices, retrain on labelled rows, follow the job to its end, and predict again.

    python examples/clients/car_price.py [rows.json]

BASE_URL is the service (http://127.0.0.1:8000), API_TOKEN its token. Without a file: examples/car-price-rows.json.
This changes what is in production; the last line says how to go back.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from service import Service, described

ROOT = Path(__file__).resolve().parents[2]
MODEL = "/models/car-price"
UNFINISHED = ("waiting", "queued", "running")
POLL_SECONDS = 0.5


def main() -> None:
    service = Service()
    rows = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples" / "car-price-rows.json"
    cars = json.loads((ROOT / "models" / "car-price" / "examples.json").read_text("utf-8"))
    before = predict(service, cars)
    result = retrain(service, json.loads(rows.read_text("utf-8")))
    print(f"version {result['version']}: {figures(result['metrics'])}")
    print(f"on the same rows production had {figures(result['production_metrics'] or {})}")
    print(f"promoted: {result['promoted']} ({result['reason']})")
    after = predict(service, cars)
    print(f"version {before} -> {after}")
    if after != before:
        print(f'to go back: PUT {service.base_url}{MODEL}/production {{"version": {before}}}')


def predict(service: Service, cars: list[dict[str, Any]]) -> int:
    """Print a price for each car; returns the version that answered."""
    data = service.post(f"{MODEL}/predict", cars).json()["data"]
    print(f"{data['model']} version {data['version']}")
    for car, price, warnings in zip(cars, data["predictions"], data["warnings"], strict=True):
        print(f"{car['name']} of {car['year']}: {price:,.0f} rupees")
        for warning in warnings:
            print(described(warning))
    version: int = data["version"]
    return version


def retrain(service: Service, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The result of the training; ends the program where it did not succeed."""
    response = service.post(f"{MODEL}/retrain", rows, Prefer="respond-async")
    result: dict[str, Any] = response.json()["data"]
    if response.status_code != 202:  # the same rows were trained on already
        return result
    while result["state"] in UNFINISHED:
        time.sleep(POLL_SECONDS)
        result = service.get(response.headers["Location"]).json()["data"]
        print(f"job {result['job']}: {result['state']}, {result['stage']}, {result['progress']:.0%}")
    if result["state"] != "succeeded":
        faults = "\n".join(map(described, result["errors"]))
        sys.exit(f"the job ended as {result['state']}: {result['reason']}\n{faults}".rstrip())
    return result


def figures(metrics: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.6g}" for name, value in metrics.items())


if __name__ == "__main__":
    main()
