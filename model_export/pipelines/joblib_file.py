"""A fitted pipeline as the joblib that is kept for its owner: equal fits give equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import joblib
from sklearn.base import BaseEstimator

ADDRESSES = ("_stop_words_id",)
"""Attributes in which scikit-learn remembers where in memory an object was: of no use in another process."""


def pickled(pipeline: Any) -> bytes:
    """Its joblib, compressed. The pipeline itself loses what only this process could use."""
    for estimator in _estimators(pipeline, set()):
        for name in ADDRESSES:
            vars(estimator).pop(name, None)
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer, compress=3)
    return buffer.getvalue()


def _estimators(found: Any, seen: set[int]) -> Iterator[BaseEstimator]:
    """Every estimator within one, or within the lists and dictionaries that it keeps, itself first."""
    if isinstance(found, BaseEstimator):
        if id(found) in seen:
            return
        seen.add(id(found))
        yield found
        parts: Any = vars(found).values()
    elif isinstance(found, Mapping):
        parts = found.values()
    elif isinstance(found, list | tuple):
        parts = found
    else:
        return
    for part in parts:
        yield from _estimators(part, seen)
