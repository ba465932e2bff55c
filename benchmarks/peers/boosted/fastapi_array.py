"""FastAPI, the Booster alone, an array in every request: about the least that XGBoost itself can cost."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
from fastapi import FastAPI

from benchmarks.peers.boosted.house import House


def create(folder: Path) -> FastAPI:
    booster = joblib.load(folder / "model.joblib").get_booster()
    booster.set_param({"nthread": 1})
    app = FastAPI()

    def values(houses: list[House]) -> list[float]:
        rows = np.array([list(house.model_dump().values()) for house in houses], dtype=np.float32)
        predicted: list[float] = booster.inplace_predict(rows, validate_features=False).tolist()
        return predicted

    @app.post("/predict")
    async def predict(house: House) -> float:
        return values([house])[0]

    @app.post("/predict/batch")
    async def predict_batch(houses: list[House]) -> list[float]:
        return values(houses)

    return app
