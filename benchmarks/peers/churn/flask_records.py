"""Flask, the DictVectorizer pipeline loaded once: the service of the ML Bookcamp."""

from __future__ import annotations

from pathlib import Path

import joblib
from flask import Flask, Response, jsonify, request

from benchmarks.peers.churn.answers import churn_answers


def create(folder: Path) -> Flask:
    pipeline = joblib.load(folder / "pipeline.joblib")
    app = Flask("churn")

    @app.post("/predict")
    def predict() -> Response:
        return jsonify(churn_answers(pipeline.predict_proba([request.get_json()]))[0])

    @app.post("/predict/batch")
    def predict_batch() -> Response:
        return jsonify(churn_answers(pipeline.predict_proba(request.get_json())))

    return app
