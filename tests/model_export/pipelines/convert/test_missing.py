"""The marker of a missing text is the one that the steps of a pipeline look for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from model_export.pipelines.convert.missing import has_nan_for_missing_text


def words(missing: Any) -> pd.DataFrame:
    return pd.DataFrame({"city": pd.Series(["Lyon", missing, "Zürich", missing], dtype=object)})


@pytest.mark.parametrize(
    ("imputer", "is_nan"),
    [
        (SimpleImputer(strategy="most_frequent"), True),
        (SimpleImputer(strategy="constant", fill_value="none"), True),
        (SimpleImputer(strategy="mean"), False),
        (SimpleImputer(missing_values=None, strategy="most_frequent"), False),
        (MissingIndicator(missing_values=None), False),
        (MissingIndicator(), False),
    ],
)
def test_an_imputer_that_may_read_text_decides_before_it_is_fitted(imputer: Any, is_nan: bool) -> None:
    assert has_nan_for_missing_text(make_pipeline(imputer, LinearRegression())) is is_nan


def test_a_step_that_looks_for_none_outweighs_one_that_looks_for_nan() -> None:
    none = SimpleImputer(missing_values=None, strategy="most_frequent")
    assert not has_nan_for_missing_text(make_pipeline(SimpleImputer(strategy="most_frequent"), none))


@pytest.mark.parametrize(("missing", "is_nan"), [(np.nan, True), (None, False)])
@pytest.mark.parametrize("encoder", [OneHotEncoder(sparse_output=False), OrdinalEncoder()])
def test_an_encoder_remembers_the_marker_of_its_training(encoder: Any, missing: Any, is_nan: bool) -> None:
    pipeline = make_pipeline(encoder, HistGradientBoostingRegressor()).fit(words(missing), [1.0, 2.0, 3.0, 4.0])
    assert has_nan_for_missing_text(pipeline) is is_nan


@pytest.mark.parametrize(("missing", "is_nan"), [(np.nan, True), (None, False)])
def test_native_categories_remember_it_too(missing: Any, is_nan: bool) -> None:
    model = HistGradientBoostingRegressor(categorical_features=["city"]).fit(words(missing), [1.0, 2.0, 3.0, 4.0])
    assert has_nan_for_missing_text(model) is is_nan


def test_missing_numbers_do_not_speak_of_text() -> None:
    numbers = pd.DataFrame({"x": [1.0, np.nan, 2.0, np.nan]})
    pipeline = make_pipeline(OrdinalEncoder(), HistGradientBoostingRegressor()).fit(numbers, [1.0, 2.0, 3.0, 4.0])
    assert not has_nan_for_missing_text(pipeline)
