"""FastAPI, the model loaded once, a DataFrame in every request."""

from __future__ import annotations

from pathlib import Path

import joblib
import pandas as pd
from fastapi import FastAPI

from benchmarks.peers.boosted.house import House


def create(folder: Path) -> FastAPI:
    model = joblib.load(folder / "model.joblib")
    app = FastAPI()

    def values(houses: list[House]) -> list[float]:
        frame = pd.DataFrame([house.model_dump() for house in houses], dtype=float)
        predicted: list[float] = model.predict(frame).tolist()
        return predicted

    @app.post("/predict")
    async def predict(house: House) -> float:
        return values([house])[0]

    @app.post("/predict/batch")
    async def predict_batch(houses: list[House]) -> list[float]:
        return values(houses)

    return app
