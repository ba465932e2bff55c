"""Another bound between two classes: at the bound itself, and inside of a pipeline; the matrix has each method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = pd.DataFrame({"x": np.linspace(-2, 2, 40)})
LABELS = np.where(ROWS["x"] > 0.1, "yes", "no")


@pytest.mark.parametrize("positive", ["no", "yes"])
def test_a_score_at_the_bound_is_the_positive_class(parity: Callable[..., None], positive: str) -> None:
    inner = LogisticRegression().fit(ROWS, LABELS)
    inner.coef_, inner.intercept_ = np.array([[1.0]]), np.array([0.0])
    model = FixedThresholdClassifier(
        FrozenEstimator(inner), threshold=0.5, response_method="decision_function", pos_label=positive
    )
    model.fit(ROWS, LABELS)
    parity(model, pd.DataFrame({"x": [0.5, -0.5, np.nextafter(0.5, 0), np.nextafter(-0.5, 0), 0.0]}))


def test_it_may_end_a_pipeline(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)[["age", "visits"]]
    model = make_pipeline(StandardScaler(), FixedThresholdClassifier(LogisticRegression(), threshold=0.7))
    parity(model.fit(train, target(table(missing=False), classes=2)), train)
