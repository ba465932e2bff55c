"""BentoML, the pipeline loaded once, a DataFrame in every request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bentoml

from benchmarks.peers.car_price.frame import predict_frame
from benchmarks.peers.car_price.pipeline import load_pipeline


@bentoml.service(workers=1)
class CarPrice:
    def __init__(self) -> None:
        self._pipeline = load_pipeline(Path(os.environ["PEER_FOLDER"]))

    @bentoml.api  # type: ignore[untyped-decorator]
    def predict(self, cars: list[dict[str, Any]]) -> list[dict[str, float]]:
        return predict_frame(self._pipeline, cars)
