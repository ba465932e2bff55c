"""Arithmetic of a pipeline, and the difference that rounding in it can make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from model_export.pipelines.convert import library_of
from model_export.pipelines.convert.inspection import walk


@dataclass(frozen=True, slots=True)
class Precision:
    """A difference is within it up to `relative_tolerance` of the expected value, or of `smallest` where that is more.

    Near 0 no rounding is small, so differences from smaller values are relative to `smallest`.
    """

    arithmetic: Literal["double", "float32"]
    relative_tolerance: float
    smallest: float


DOUBLE = Precision("double", 1e-9, 1e-3)
"""Sums of doubles in another order differ by some 1e-13; a float32 anywhere in the graph by 1e-7."""
FLOAT32 = Precision("float32", 2**-21, 1e-3)
"""Four units in the last place: sums are the same bit by bit, exp and what follows it may round otherwise."""
FLOAT32_PROBABILITIES = Precision("float32", 2**-21, 1.0)
"""The first of two probabilities is 1 - p, with the rounding of p, so it is judged on the scale of 1."""


def precision_of(pipeline: Any, *, is_classification: bool) -> Precision:
    """The precision of the library that computes the coarsest part of the pipeline."""
    if all(library_of(step) != "xgboost" for _, step in walk(pipeline)):
        return DOUBLE
    return FLOAT32_PROBABILITIES if is_classification else FLOAT32
