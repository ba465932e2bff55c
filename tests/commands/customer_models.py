"""A table of customers, and models made of it that answer as their pipelines do."""

from __future__ import annotations

import json
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest

from functions.local.home import Home
from tests.commands.serving import retrained

ROWS = 400
FEATURES = ["town", "plan", "age", "income", "visits", "vip"]


@pytest.fixture
def customers(home: Home) -> pd.DataFrame:
    """customers.csv as pandas reads it: ids, text and numbers with holes, booleans, a rare level, a constant."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(ROWS)],
            "town": pd.Series(rng.choice(["Málaga", "Łódź", "Cork", "Ávila"], ROWS, p=[0.4, 0.3, 0.28, 0.02])),
            "plan": rng.choice(["basic", "plus"], ROWS),
            "age": rng.integers(18, 80, ROWS).astype(float),
            "income": rng.lognormal(9, 1, ROWS).round(2),
            "visits": rng.integers(0, 5, ROWS),
            "vip": rng.random(ROWS) < 0.3,
            "country": "ES",
        }
    )
    frame.loc[rng.random(ROWS) < 0.1, "town"] = None
    frame.loc[rng.random(ROWS) < 0.1, "age"] = np.nan
    score = frame.income.rank(pct=True) + 0.3 * (frame.plan == "plus") + 0.1 * frame.town.isna()
    frame["left"] = np.where(score + rng.normal(0, 0.2, ROWS) > 0.7, "yes", "no")
    frame.to_csv("customers.csv", index=False)
    return pd.read_csv("customers.csv")


def instances(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as requests, with null where a value is missing, and true and false."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return rows


def assert_served_as(client: httpx.Client, model: str, pipeline: Any, rows: Any, sent: list[dict[str, Any]]) -> None:
    answer = client.post(f"/models/{model}/predict", json=sent)
    assert answer.status_code == 200, answer.text
    found = answer.json()["data"]["predictions"]
    if not hasattr(pipeline, "predict_proba"):
        np.testing.assert_allclose(found, pipeline.predict(rows), rtol=1e-9)
        return
    classes = [str(label) for label in pipeline.classes_]
    scores = [[one["scores"][label] for label in classes] for one in found]
    np.testing.assert_allclose(scores, pipeline.predict_proba(rows), rtol=1e-9, atol=1e-12)
    assert [one["label"] for one in found] == [str(label) for label in pipeline.predict(rows)]


def assert_retrains(client: httpx.Client, model: str, rows: list[dict[str, Any]]) -> None:
    # by force: production was fitted on these very rows, and may be clearly better on them
    found = retrained(client, model, rows, force=True)
    assert (found["version"], found["promoted"]) == (2, True), found["reason"]
    some = [{name: value for name, value in row.items() if name != "left"} for row in rows[:3]]
    assert client.post(f"/models/{model}/predict", json=some).json()["data"]["version"] == 2
