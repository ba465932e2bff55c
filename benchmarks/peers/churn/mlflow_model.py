"""The model in MLflow's form: python -m benchmarks.peers.churn.mlflow_model FOLDER"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature


def main(folder: Path) -> None:
    rows = pd.DataFrame([json.loads(body) for body in json.loads((folder / "one.json").read_bytes())])
    pipeline = joblib.load(folder / "frame.joblib")
    signature = infer_signature(rows, pipeline.predict_proba(rows))
    mlflow.sklearn.save_model(pipeline, str(folder / "mlflow"), signature=signature, pyfunc_predict_fn="predict_proba")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
