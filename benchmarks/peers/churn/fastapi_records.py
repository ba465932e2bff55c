"""FastAPI, the DictVectorizer pipeline loaded once, no DataFrame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
from fastapi import FastAPI

from benchmarks.peers.churn.answers import churn_answers
from benchmarks.peers.churn.customer import Customer


def create(folder: Path) -> FastAPI:
    pipeline = joblib.load(folder / "pipeline.joblib")
    app = FastAPI()

    @app.post("/predict")
    async def predict(customer: Customer) -> dict[str, Any]:
        return churn_answers(pipeline.predict_proba([customer.model_dump()]))[0]

    @app.post("/predict/batch")
    async def predict_batch(customers: list[Customer]) -> list[dict[str, Any]]:
        return churn_answers(pipeline.predict_proba([customer.model_dump() for customer in customers]))

    return app
