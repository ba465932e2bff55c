"""KServe's sklearnserver for the pipeline over a DataFrame: python -m benchmarks.peers.churn.kserve_frame PORT FOLDER

That server is no package of a registry: it is a kserve.Model which loads a joblib, and this one does what it does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import joblib
import kserve
from kserve.utils.utils import get_predict_input, get_predict_response


class Churn(kserve.Model):  # type: ignore[misc]
    def __init__(self, folder: Path) -> None:
        super().__init__("churn")
        self._pipeline = joblib.load(folder / "frame.joblib")
        self.ready = True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        chances = self._pipeline.predict_proba(get_predict_input(payload))
        return get_predict_response(payload, chances, self.name)


if __name__ == "__main__":
    kserve.ModelServer(http_port=int(sys.argv[1]), workers=1, enable_grpc=False).start([Churn(Path(sys.argv[2]))])
