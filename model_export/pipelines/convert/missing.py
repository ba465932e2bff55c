"""The marker of a missing text, None or NaN, in the frames that a pipeline was written for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import Pipeline

from functions.core.errors import ConversionError
from model_export.pipelines.convert.closed_encoders import encoded_levels
from model_export.pipelines.convert.inspection import describe, walk


def columns_with_nan(pipeline: Any, names: Sequence[str]) -> list[str]:
    """The columns of text in which a missing value is NaN, as pandas reads files; in the others it is None.

    A column is what its encoder was fitted on. Without a missing value there, it is None wherever a step looks for
    None; else NaN if a step that looks for NaN imputes columns that may be text, or any encoder learned text with NaN.
    Raises ConversionError for an encoder that learned None behind an imputer of NaN, which leaves None as it is.
    """
    _refuse_none_behind_imputers(pipeline)
    usual = _is_nan_usual(pipeline)
    levels = encoded_levels(pipeline).items()
    learned = {name: any(map(_is_nan, values)) for name, values in levels if _has_none(values) or _has_nan(values)}
    return [name for name in names if learned.get(name, usual)]


def _is_nan_usual(pipeline: Any) -> bool:
    seekers = [step for step in _all_steps(pipeline) if isinstance(step, SimpleImputer | MissingIndicator)]
    if any(step.missing_values is None for step in seekers):
        return False
    if any(_imputes_nan_text(step) for step in seekers):
        return True
    return any(_has_nan(values) for encoder in _encoders(pipeline) for values in encoder.categories_)


def _refuse_none_behind_imputers(pipeline: Any) -> None:
    for _, container in walk(pipeline):
        imputer = None
        for step in container.steps if isinstance(container, Pipeline) else []:
            inner = [one for _, one in walk(step[1])] if not isinstance(step[1], str) and step[1] is not None else []
            learned_none = any(_has_none(values) for one in inner for values in getattr(one, "categories_", ()))
            if imputer is not None and learned_none:
                raise ConversionError(
                    f"{describe(pipeline, imputer)} looks for NaN, and the encoder behind it learned None as a value: "
                    "missing texts were None in the frame that it was fitted on, and the imputer left them as they "
                    "were; set missing_values=None, or fit it on a frame with NaN (frame.fillna(np.nan), or as "
                    "pandas.read_csv reads it)"
                )
            imputer = next((one for one in inner if _imputes_nan_text(one)), imputer)


def _all_steps(pipeline: Any) -> list[Any]:
    """Every step, fitted or not, as scikit-learn lists parameters."""
    return [pipeline, *pipeline.get_params(deep=True).values()] if hasattr(pipeline, "get_params") else []


def _imputes_nan_text(step: Any) -> bool:
    is_for_text = isinstance(step, SimpleImputer) and step.strategy in ("most_frequent", "constant")
    return is_for_text and _is_nan(step.missing_values)


def _encoders(pipeline: Any) -> list[Any]:
    steps = [step for _, step in walk(pipeline)]
    inner = [
        step._preprocessor.named_transformers_["encoder"] for step in steps if getattr(step, "_preprocessor", None)
    ]
    return [step for step in (*steps, *inner) if hasattr(step, "categories_")]


def _has_none(values: Iterable[Any]) -> bool:
    return any(value is None for value in values)


def _has_nan(values: Iterable[Any]) -> bool:
    """Return True for NaN among texts: among numbers it is the only marker, and says nothing of text."""
    return any(map(_is_nan, values)) and any(isinstance(value, str) for value in values)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
