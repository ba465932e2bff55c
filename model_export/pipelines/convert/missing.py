"""The marker of a missing text, None or NaN, in the frames that a pipeline was written for."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer

from model_export.pipelines.convert.inspection import walk


def has_nan_for_missing_text(pipeline: Any) -> bool:
    """True for NaN, as pandas reads files; False for None, as the tables of this project have it.

    It is None wherever a step looks for None. It is NaN if a step that looks for NaN imputes columns that may be text,
    or if an encoder was fitted on text with NaN.
    """
    seekers = [step for step in _all_steps(pipeline) if isinstance(step, SimpleImputer | MissingIndicator)]
    if any(step.missing_values is None for step in seekers):
        return False
    if any(_is_nan(step.missing_values) and _may_be_for_text(step) for step in seekers):
        return True
    return any(_has_nan_among_text(encoder) for encoder in _encoders(pipeline))


def _all_steps(pipeline: Any) -> list[Any]:
    """Every step, fitted or not, as scikit-learn lists parameters."""
    return [pipeline, *pipeline.get_params(deep=True).values()] if hasattr(pipeline, "get_params") else []


def _may_be_for_text(step: Any) -> bool:
    return isinstance(step, SimpleImputer) and step.strategy in ("most_frequent", "constant")


def _encoders(pipeline: Any) -> list[Any]:
    steps = [step for _, step in walk(pipeline)]
    inner = [
        step._preprocessor.named_transformers_["encoder"] for step in steps if getattr(step, "_preprocessor", None)
    ]
    return [step for step in (*steps, *inner) if hasattr(step, "categories_")]


def _has_nan_among_text(encoder: Any) -> bool:
    return any(
        any(map(_is_nan, values)) and any(isinstance(value, str) for value in values) for values in encoder.categories_
    )


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
