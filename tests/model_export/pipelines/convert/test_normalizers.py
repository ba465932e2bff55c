"""Rows divided by their norm, rows of zeros among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import Normalizer

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_rows_are_divided_by_their_norm(parity: Callable[..., None], table: Any, target: Any, norm: Any) -> None:
    train = table(missing=False)
    pipeline = Pipeline([("norm", Normalizer(norm)), ("model", LinearRegression())]).fit(train[NUMBERS], target(train))
    rows = [[0.0, 0.0, 0.0], [-3.0, 2.0, 1.0], [1e-16, 0.0, 0.0], [1e-300, -1e-300, 0.0], [1e150, 1.0, -1e150]]
    odd = pd.DataFrame(rows, columns=NUMBERS)
    parity(pipeline, pd.concat([table(seed=1, missing=False)[NUMBERS], odd], ignore_index=True))
