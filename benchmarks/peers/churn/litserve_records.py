"""LitServe, the DictVectorizer pipeline loaded once: python -m benchmarks.peers.churn.litserve_records PORT FOLDER"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import joblib
import litserve

from benchmarks.peers.churn.answers import churn_answers


class Churn(litserve.LitAPI):  # type: ignore[misc]
    """Customers to chances, one or a list of them in a request."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def setup(self, device: str) -> None:
        self._pipeline = joblib.load(self._folder / "pipeline.joblib")

    def predict(self, asked: Any) -> Any:
        if isinstance(asked, list):
            return churn_answers(self._pipeline.predict_proba(asked))
        return churn_answers(self._pipeline.predict_proba([asked]))[0]


if __name__ == "__main__":
    server = litserve.LitServer(Churn(Path(sys.argv[2])), accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=1, log_level="warning", generate_client_file=False
    )
