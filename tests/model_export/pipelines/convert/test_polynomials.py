"""Products of columns in the order and the rounding of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"include_bias": False},
        {"degree": 4},
        {"degree": (2, 3)},
        {"degree": (0, 1), "include_bias": False},
        {"interaction_only": True},
        {"degree": 5, "interaction_only": True, "include_bias": False},
    ],
    ids=str,
)
def test_products_of_columns(parity: Callable[..., None], table: Any, target: Any, options: dict[str, Any]) -> None:
    train = table(missing=False)
    steps = [("scale", StandardScaler()), ("products", PolynomialFeatures(**options)), ("model", Ridge())]
    pipeline = Pipeline(steps).fit(train[NUMBERS], target(train))
    # Weights of its own, so that an exchange of two columns shows.
    pipeline[-1].coef_ = np.linspace(0.5, 1.5, pipeline[1].n_output_features_)
    parity(pipeline, table(seed=1, missing=False)[NUMBERS])
