"""What stands for a missing text in the frames that a pipeline was written for."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer

from model_export.pipelines.convert.inspection import walk


def has_nan_for_missing_text(pipeline: Any) -> bool:
    """Whether NaN, as pandas reads files, and not None, as this project's tables have it.

    None wherever a step looks for None. NaN if a step imputes what may be text, or if an encoder was fitted on
    text with NaN.
    """
    seekers = [one for one in _all_steps(pipeline) if isinstance(one, SimpleImputer | MissingIndicator)]
    if any(one.missing_values is None for one in seekers):
        return False
    if any(_is_nan(one.missing_values) and _may_be_for_text(one) for one in seekers):
        return True
    return any(_has_nan_beside_text(one) for one in _encoders(pipeline))


def _all_steps(pipeline: Any) -> list[Any]:
    """Steps, fitted or not, whose parameters count."""
    return [pipeline, *pipeline.get_params(deep=True).values()] if hasattr(pipeline, "get_params") else []


def _may_be_for_text(step: Any) -> bool:
    return isinstance(step, SimpleImputer) and step.strategy in ("most_frequent", "constant")


def _encoders(pipeline: Any) -> list[Any]:
    steps = [step for _, step in walk(pipeline)]
    inner = [
        step._preprocessor.named_transformers_["encoder"] for step in steps if getattr(step, "_preprocessor", None)
    ]
    return [one for one in (*steps, *inner) if hasattr(one, "categories_")]


def _has_nan_beside_text(encoder: Any) -> bool:
    return any(
        any(map(_is_nan, values)) and any(isinstance(value, str) for value in values) for values in encoder.categories_
    )


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
