"""Outcomes of one configuration, ours and the stock converter's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from model_export.pipelines.parity import relative_difference
from model_export.pipelines.precision import DOUBLE, Precision

Floats = npt.NDArray[np.float64]
NEAR = 1e-3
Kind = Literal["exact", "near", "wrong", "refused", "fails", "skipped"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`wrong`: values or labels differ. `refused` with a message of ours; `fails` with any other error."""

    kind: Kind
    detail: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """Values [N] or [N, columns], and labels as positions in `classes_` where there are classes."""

    values: Floats
    labels: npt.NDArray[np.int64] | None = None


def compared(expected: Answers, found: Answers, precision: Precision = DOUBLE) -> Outcome:
    """The kind by the largest relative difference and the number of other labels."""
    rows = len(expected.values)
    if found.values.size != expected.values.size:
        return Outcome("wrong", f"answers of another shape, {found.values.shape}", rows)
    tolerance = precision.relative_tolerance
    difference = relative_difference(found.values.reshape(expected.values.shape), expected.values, precision.smallest)
    largest = float(difference.max(initial=0.0))
    others = 0 if expected.labels is None or found.labels is None else int((expected.labels != found.labels).sum())
    if not others and largest <= tolerance:
        return Outcome("exact", f"{largest:.0e}", rows)
    kind: Kind = "near" if not others and largest <= NEAR else "wrong"
    by_row = difference.reshape(rows, -1).max(axis=1)
    bad = int((by_row > tolerance).sum())
    labels = f", {others} other labels" if others else ""
    return Outcome(kind, f"by {largest:.0e} in {bad} of {rows} rows{labels}", rows)
