"""BentoML, the pipeline loaded once, a DataFrame in every request."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bentoml
import joblib
import pandas as pd

from benchmarks.peers.churn.answers import churn_answers


@bentoml.service(workers=1)
class Churn:
    def __init__(self) -> None:
        self._pipeline = joblib.load(Path(os.environ["PEER_FOLDER"], "frame.joblib"))

    @bentoml.api  # type: ignore[untyped-decorator]
    def predict(self, customers: pd.DataFrame) -> list[dict[str, Any]]:
        return churn_answers(self._pipeline.predict_proba(customers))
