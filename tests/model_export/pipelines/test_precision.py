"""Pipelines are judged in the arithmetic that they compute in."""

from __future__ import annotations

from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model_export.pipelines.precision import DOUBLE, FLOAT32, FLOAT32_PROBABILITIES, precision_of

Boosted = type("XGBRegressor", (), {"__module__": "xgboost.sklearn"})


def test_scikit_learn_computes_in_double() -> None:
    assert precision_of(make_pipeline(StandardScaler(), Ridge()), is_classification=False) == DOUBLE
    assert DOUBLE.relative_tolerance == 1e-9


def test_one_step_of_xgboost_makes_it_float32() -> None:
    pipeline = make_pipeline(StandardScaler(), Boosted())
    assert precision_of(pipeline, is_classification=False) == FLOAT32
    assert precision_of(pipeline, is_classification=True) == FLOAT32_PROBABILITIES
    assert FLOAT32.relative_tolerance < 5e-7
