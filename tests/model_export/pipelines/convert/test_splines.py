"""B-splines at, between and beyond the knots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import SplineTransformer

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

NUMBERS = ["age", "visits"]


def _fitted(step: Any, train: Any, target: Any, names: list[str] = NUMBERS) -> Pipeline:
    pipeline = Pipeline([("splines", step), ("model", Ridge())]).fit(train[names], target(train))
    pipeline[-1].coef_ = np.linspace(1.0, 3.0, len(pipeline[-1].coef_))
    return pipeline


@pytest.mark.parametrize("extrapolation", ["constant", "linear", "continue", "periodic"])
@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"include_bias": False, "knots": "quantile", "n_knots": 4}], ids=str)
def test_splines_at_between_and_beyond_the_knots(
    parity: Callable[..., None], table: Any, target: Any, extrapolation: Any, degree: int, options: dict[str, Any]
) -> None:
    train = table(missing=False)
    names = NUMBERS[:1] if degree == 1 and extrapolation == "linear" else NUMBERS
    if degree == 3 and options and extrapolation == "periodic":
        options = {**options, "n_knots": 5}
    pipeline = _fitted(SplineTransformer(degree=degree, extrapolation=extrapolation, **options), train, target, names)
    knots = np.unique(np.concatenate([spline.t for spline in pipeline[0].bsplines_]))
    near = [value for knot in knots for value in (knot, np.nextafter(knot, -np.inf), knot + 0.01)]
    rows = pd.DataFrame({name: [*near, -300.0, 300.0] for name in names})
    parity(pipeline, pd.concat([rows, table(seed=1, missing=False)[names]], ignore_index=True))


def test_missing_numbers_may_be_zeros(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table()
    step = SplineTransformer(handle_missing="zeros")
    parity(_fitted(step, train, target), table(seed=1)[NUMBERS])


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (SplineTransformer(extrapolation="error"), "set extrapolation to another value than 'error'"),
        (SplineTransformer(degree=1, extrapolation="linear"), "is supported for one column only; set degree=2"),
        (SplineTransformer(degree=0), "degree=0 is not supported; use a KBinsDiscretizer"),
    ],
)
def test_what_a_graph_cannot_do_is_refused(table: Any, target: Any, schema: Any, step: Any, reason: str) -> None:
    train = table(missing=False)
    with pytest.raises(ConversionError, match=reason):
        convert(_fitted(step, train, target), schema(train[NUMBERS]))
