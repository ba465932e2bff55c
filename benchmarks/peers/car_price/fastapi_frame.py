"""FastAPI, the pipeline loaded once, a DataFrame in every request."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from benchmarks.peers.car_price.car import Car
from benchmarks.peers.car_price.frame import predict_frame
from benchmarks.peers.car_price.pipeline import load_pipeline


def create(folder: Path) -> FastAPI:
    pipeline = load_pipeline(folder)
    app = FastAPI()

    @app.post("/predict")
    async def predict(car: Car) -> dict[str, float]:
        return predict_frame(pipeline, [car.model_dump()])[0]

    @app.post("/predict/batch")
    async def predict_batch(cars: list[Car]) -> list[dict[str, float]]:
        return predict_frame(pipeline, [car.model_dump() for car in cars])

    return app
