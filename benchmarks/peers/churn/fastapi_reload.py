"""FastAPI, the pipeline loaded from its file in every request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
from fastapi import FastAPI

from benchmarks.peers.churn.customer import Customer
from benchmarks.peers.churn.frame import predict_frame


def create(folder: Path) -> FastAPI:
    app = FastAPI()

    @app.post("/predict")
    async def predict(customer: Customer) -> dict[str, Any]:
        return predict_frame(joblib.load(folder / "frame.joblib"), [customer])[0]

    @app.post("/predict/batch")
    async def predict_batch(customers: list[Customer]) -> list[dict[str, Any]]:
        return predict_frame(joblib.load(folder / "frame.joblib"), customers)

    return app
