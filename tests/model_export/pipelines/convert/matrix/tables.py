"""Small tables for the matrix, and rows on which a conversion goes wrong first."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd

TableName = Literal["numbers", "counts", "codes", "one"]
ROWS = 150


@cache
def training_rows(name: TableName) -> pd.DataFrame:
    return _rows(name, seed=0, count=ROWS)


def target_of(name: TableName, kind: Any) -> Any:
    """A number, a positive number, or strings of 2 or 3 classes, which follow the rows with some noise."""
    rows = training_rows(name).to_numpy(dtype=np.float64)
    score = rows @ np.linspace(1.0, -0.4, rows.shape[1]) / rows.std(axis=0).mean()
    score = score + np.sin(score) + np.random.default_rng(7).normal(0, 0.3, len(rows))
    if kind == "number":
        return score
    if kind == "positive":
        return np.exp(score / np.abs(score).max())
    return np.array(["alta", "media", "ñu"])[pd.qcut(score, kind, labels=False)]


@cache
def hostile_rows(name: TableName, largest: float) -> pd.DataFrame:
    """Training rows, held-out rows, and rows with zeros, the smallest numbers and very large ones."""
    training, held_out = training_rows(name), _rows(name, seed=1, count=ROWS)
    if name == "codes":
        return pd.concat([training, held_out], ignore_index=True)
    base = training.iloc[0].to_numpy(dtype=np.float64)
    values = [0.0, -0.0, 5e-324, 1e-300, 0.5, 1.0, 1e6, 1e15]
    values += [-1.0, -1e6, -1e15] if name in ("numbers", "one") else []
    values = [value for value in values if abs(value) <= largest]
    hostile = [np.full(len(base), value) for value in values]
    for value in values:
        for column in range(len(base)):
            row = base.copy()
            row[column] = value
            hostile.append(row)
    return pd.concat([training, held_out, pd.DataFrame(hostile, columns=training.columns)], ignore_index=True)


def _rows(name: TableName, *, seed: int, count: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    if name == "one":
        return pd.DataFrame({"x": rng.normal(0, 2, count)})
    if name == "counts":
        return pd.DataFrame({f"word_{i}": rng.poisson(1 + i, count).astype(float) for i in range(4)})
    if name == "codes":
        return pd.DataFrame({f"code_{i}": rng.integers(0, 3 + i, count).astype(float) for i in range(3)})
    first = rng.normal(0, 1, count)
    return pd.DataFrame(
        {
            "height": first,
            "weight": 3 * first + rng.normal(0, 2, count),
            "age": rng.integers(18, 90, count).astype(float) / 20,
            "rate": rng.lognormal(0, 0.5, count),
        }
    )
