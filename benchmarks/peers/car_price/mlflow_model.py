"""The model in MLflow's form: python -m benchmarks.peers.car_price.mlflow_model FOLDER"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cloudpickle
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature

from benchmarks.peers.car_price.frame import TEXTS
from benchmarks.peers.car_price.pipeline import load_pipeline, own_classes


def main(folder: Path) -> None:
    rows = [json.loads(body) for body in json.loads((folder / "one.json").read_bytes())]
    frame = pd.DataFrame(rows).astype({**dict.fromkeys(TEXTS, object), "km_driven": float})
    pipeline = load_pipeline(folder)
    # with their code, as the server has no such module
    cloudpickle.register_pickle_by_value(own_classes())
    signature = infer_signature(frame, pipeline.predict(frame))
    path = str(folder / "mlflow")
    mlflow.sklearn.save_model(pipeline, path, signature=signature, serialization_format="cloudpickle")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
