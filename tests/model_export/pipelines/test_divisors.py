"""Columns that a pipeline divides by."""

from __future__ import annotations

import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from model_export.pipelines.divisors import columns_divided_by, division_hint
from model_export.transformers.expressions import Expressions

ROWS = pd.DataFrame({"area": [1.0, 2.0, 3.0], "price": [5.0, 4.0, 6.0], "year": [1.0, 1.0, 2.0]})


def test_divisors_are_found_in_every_step() -> None:
    first, second = Expressions({"a": "area + 1", "b": "price / a"}), Expressions({"c": "b % price - year"})
    pipeline = make_pipeline(first, make_pipeline(second), SimpleImputer(), LinearRegression()).fit(ROWS, [1, 2, 3])
    assert columns_divided_by(pipeline) == {"a", "price"}
    assert "where(b == 0, 0, a / b)" in division_hint(pipeline)


def test_a_pipeline_without_a_division_gets_no_hint() -> None:
    pipeline = make_pipeline(Expressions({"a": "area * price"}), LinearRegression()).fit(ROWS, [1, 2, 3])
    assert columns_divided_by(pipeline) == frozenset()
    assert division_hint(pipeline) == ""
