"""Flask, the pipeline loaded once, a DataFrame in every request."""

from __future__ import annotations

from pathlib import Path

import joblib
from flask import Flask, Response, jsonify, request

from benchmarks.peers.car_price.frame import predict_frame


def create(folder: Path) -> Flask:
    pipeline = joblib.load(folder / "pipeline.joblib")
    app = Flask("car-price")

    @app.post("/predict")
    def predict() -> Response:
        return jsonify(predict_frame(pipeline, [request.get_json()])[0])

    @app.post("/predict/batch")
    def predict_batch() -> Response:
        return jsonify(predict_frame(pipeline, request.get_json()))

    return app
