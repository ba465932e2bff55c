"""Missing numbers predicted from the other columns, round after round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  IterativeImputer is hidden behind it
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import RadiusNeighborsRegressor
from sklearn.pipeline import Pipeline

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

NUMBERS = ["income", "age", "visits"]


def _fitted(imputer: Any, train: pd.DataFrame, target: Any) -> Pipeline:
    return Pipeline([("fill", imputer), ("model", LinearRegression())]).fit(train[NUMBERS], target)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_iter": 1},
        {"estimator": Ridge(), "initial_strategy": "median", "imputation_order": "random"},
        {"estimator": ExtraTreesRegressor(3, random_state=0), "max_iter": 2},
        {"n_nearest_features": 1},
        {"add_indicator": True, "min_value": 0, "max_value": 50_000},
        {"max_iter": 0},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:.*Early stopping criterion not reached")
def test_missing_numbers_are_predicted_from_the_others(
    parity: Callable[..., None], table: Any, target: Any, options: dict[str, Any]
) -> None:
    train = table()
    imputer = IterativeImputer(random_state=0, tol=0.5, **options)
    pipeline = _fitted(imputer, train, target(train))
    served = table(seed=1)[NUMBERS]
    parity(pipeline, served[served.notna().any(axis=1)].reset_index(drop=True))


def test_a_column_without_holes_in_training_is_imputed_too(
    parity: Callable[..., None], table: Any, target: Any
) -> None:
    train = table().assign(age=table(missing=False)["age"])
    served = table(seed=2)[NUMBERS].dropna(subset=["visits"]).reset_index(drop=True)
    parity(_fitted(IterativeImputer(random_state=0, tol=0.5), train, target(train)), served)


@pytest.mark.parametrize(
    ("imputer", "reason"),
    [
        (IterativeImputer(sample_posterior=True, max_iter=2, tol=9, random_state=0), "set sample_posterior=False"),
        (
            IterativeImputer(RadiusNeighborsRegressor(1e9), max_iter=1),
            "RadiusNeighborsRegressor has no exact converter",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_has_no_exact_form_is_refused(table: Any, target: Any, schema: Any, imputer: Any, reason: str) -> None:
    train = table()[NUMBERS][:40]
    pipeline = Pipeline([("fill", imputer), ("model", LinearRegression())]).fit(train, np.arange(40.0))
    with pytest.raises(ConversionError, match=rf"step 'fill' .IterativeImputer.*{reason}"):
        convert(pipeline, schema(train))
