"""The folder that MLServer starts from: python -m benchmarks.peers.churn.mlserver_folder FOLDER"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(folder: Path) -> None:
    models = folder / "mlserver"
    models.mkdir(exist_ok=True)
    settings = {
        "name": "churn",
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(folder / "frame.joblib")},
    }
    (models / "model-settings.json").write_text(json.dumps(settings))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
