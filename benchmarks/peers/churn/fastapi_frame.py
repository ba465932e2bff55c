"""FastAPI, the pipeline loaded once, a DataFrame in every request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
from fastapi import FastAPI

from benchmarks.peers.churn.customer import Customer
from benchmarks.peers.churn.frame import predict_frame


def create(folder: Path) -> FastAPI:
    pipeline = joblib.load(folder / "frame.joblib")
    app = FastAPI()

    @app.post("/predict")
    async def predict(customer: Customer) -> dict[str, Any]:
        return predict_frame(pipeline, [customer])[0]

    @app.post("/predict/batch")
    async def predict_batch(customers: list[Customer]) -> list[dict[str, Any]]:
        return predict_frame(pipeline, customers)

    return app
