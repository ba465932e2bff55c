"""Customers through a DataFrame."""

from __future__ import annotations

from typing import Any

import pandas as pd

from benchmarks.peers.churn.answers import churn_answers
from benchmarks.peers.churn.customer import Customer


def predict_frame(pipeline: Any, customers: list[Customer]) -> list[dict[str, Any]]:
    frame = pd.DataFrame([customer.model_dump() for customer in customers])
    return churn_answers(pipeline.predict_proba(frame))
