"""Rows on which two implementations are compared: held out, and hostile ones made from the training rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

UNSEEN = ("ñandú", "日本", "é & ü", "MADRID", "", "x" * 3000, "👩‍💻 plan", "a\u0301")
DOCUMENTS = (
    ".",
    "good BAD genial",
    "cafe\u0301 café niño straße STRASSE",
    "日本語 text",
    "a1 b2 2024 10",
    "the " * 800,
)
MOMENTS = [
    pd.Timestamp(text)
    for text in (
        *("0001-01-01", "9999-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999", "1970-01-01", "1600-02-29"),
        *("1900-02-28T23:59:59.999999", "1900-03-01", "2000-02-29T12:30", "2024-02-29", "2100-03-01"),
    )
]
"""The first and the last moment, and those next to leap days, to centuries without one, and to the epoch."""
EXTREMES = (0.0, -0.0, 1e9, -1e9, 1e-300, 1e15)
NEIGHBOURS = 12
"""Training values of a column whose neighbours in double and single precision are asked for: thresholds lie there."""


def hostile(training: pd.DataFrame) -> pd.DataFrame:
    """Copies of the first row with one column changed: missing, unseen, extreme, or next to a value of training."""
    base = training.iloc[0].to_dict()
    rows = [{**base, name: value} for name in training for value in _values(training[name])]
    return pd.DataFrame(rows, columns=list(training))


def _values(column: pd.Series[Any]) -> list[Any]:
    missing: list[Any] = [np.nan] if column.isna().any() else []
    if column.dtype == bool:
        return [True, False]
    if pd.api.types.is_datetime64_dtype(column):
        return [*missing, *MOMENTS]
    if not pd.api.types.is_numeric_dtype(column):
        is_text = column.dropna().str.len().max() > 30
        return [*missing, *(DOCUMENTS if is_text else UNSEEN)]
    if pd.api.types.is_integer_dtype(column):
        return [*missing, int(column.max()) + 1, int(column.min()) - 1, 10**6]
    values = column.dropna().to_numpy()[:NEIGHBOURS]
    near = [np.nextafter(values, np.inf), np.nextafter(values, -np.inf), values.astype(np.float32).astype(float)]
    single = [np.nextafter(values.astype(np.float32), np.float32(side)).astype(float) for side in (np.inf, -np.inf)]
    return [*missing, *EXTREMES, *np.concatenate([*near, *single]).tolist()]
