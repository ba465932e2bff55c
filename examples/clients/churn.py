"""Will these customers leave? The probability of each, and what was unusual about the customer.

    python examples/clients/churn.py [customers.json]

BASE_URL is the service (http://127.0.0.1:8000), API_TOKEN its token. Without a file: models/churn/examples.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from service import Service, described

EXAMPLES = Path(__file__).resolve().parents[2] / "models" / "churn" / "examples.json"


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES
    data = Service().post("/models/churn/predict", json.loads(path.read_text("utf-8"))).json()["data"]
    predictions = data["predictions"]
    ids = data.get("ids", [None] * len(predictions))
    print(f"{data['model']} version {data['version']}")
    for row, (name, prediction, warnings) in enumerate(zip(ids, predictions, data["warnings"], strict=True)):
        print(f"{name or f'customer {row}'}: leaves with probability {prediction['scores']['yes']:.3f}")
        for warning in warnings:
            print(described(warning))


if __name__ == "__main__":
    main()
