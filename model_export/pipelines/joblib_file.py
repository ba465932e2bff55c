"""A fitted pipeline as a joblib file, which is kept for its owner; equal fits give equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import joblib
from sklearn.base import BaseEstimator

ADDRESSES = ("_stop_words_id",)
"""Attributes in which scikit-learn keeps the address of an object in memory, useless in another process."""


def pickled(pipeline: Any) -> bytes:
    """The compressed joblib. It deletes ADDRESSES from the pipeline itself."""
    for estimator in _estimators(pipeline, set()):
        for name in ADDRESSES:
            vars(estimator).pop(name, None)
    buffer = io.BytesIO()
    joblib.dump(pipeline, buffer, compress=3)
    return buffer.getvalue()


def _estimators(value: Any, seen: set[int]) -> Iterator[BaseEstimator]:
    """Every estimator in a value, however deep in attributes, lists and dictionaries, outer ones first."""
    if isinstance(value, BaseEstimator):
        if id(value) in seen:
            return
        seen.add(id(value))
        yield value
        parts: Any = vars(value).values()
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, list | tuple):
        parts = value
    else:
        return
    for part in parts:
        yield from _estimators(part, seen)
