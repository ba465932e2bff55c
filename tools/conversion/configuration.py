"""One row of the matrix: a pipeline as a user makes it, with the table that it is fitted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

from tools.conversion.tables import TargetKind

Key = tuple[str, str, str]
"""Name, table and target: no two rows of a section share them."""
Fit = Callable[[pd.DataFrame, Any], Any]
"""The fitted object that predicts, from rows and target."""


def fitted(build: Callable[[], Any]) -> Fit:
    """A fit of what `build` returns, on frames with named columns."""
    return lambda rows, target: build().fit(rows, target)


def piped(*steps: Callable[[], Any]) -> Callable[[], Any]:
    """A pipeline of what each of `steps` returns, new at each call."""
    return lambda: make_pipeline(*(step() for step in steps))


def side_by_side(values: Any, targets: int) -> Any:
    """[N, targets]: the values, and as each further target the same ones some rows later."""
    return np.column_stack([np.roll(np.asarray(values), 7 * place) for place in range(targets)])


@dataclass(frozen=True, slots=True)
class Configuration:
    """`saved` turns the fitted predictor into the object that the user dumps; by default it is that itself.

    `rows` turns a frame into what the predictor takes, such as one column of texts; `code` is the file of the user's
    own classes. `requires` names a package without which the row is skipped. `targets` are fitted together, those of
    `side_by_side`.
    """

    section: str
    name: str
    table: str
    target: TargetKind
    fit: Fit
    rows: Callable[[pd.DataFrame], Any] = lambda frame: frame
    saved: Callable[[Any], Any] = lambda predictor: predictor
    code: str | None = None
    requires: str | None = None
    targets: int = 1

    @property
    def is_classification(self) -> bool:
        return self.target not in ("number", "positive")

    @property
    def key(self) -> Key:
        return self.name, self.table, self.target
