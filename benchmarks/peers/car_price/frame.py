"""Cars through a DataFrame, missing values as the pipeline was trained on them."""

from __future__ import annotations

from typing import Any

import pandas as pd

TEXTS = ["name", "fuel", "seller_type", "transmission", "owner"]


def predict_frame(pipeline: Any, cars: list[dict[str, Any]]) -> list[dict[str, float]]:
    frame = pd.DataFrame(cars).astype({**dict.fromkeys(TEXTS, object), "km_driven": float})
    return [{"price": float(price)} for price in pipeline.predict(frame)]
