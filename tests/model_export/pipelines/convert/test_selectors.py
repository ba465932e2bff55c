"""Selectors keep the columns that they chose in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import feature_selection
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Lasso, LinearRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.selectors import SELECTORS

NUMBERS = ["income", "age", "visits"]
SCORE = feature_selection.f_regression
CHOOSING = [
    feature_selection.VarianceThreshold(2.0),
    feature_selection.SelectKBest(SCORE, k=2),
    feature_selection.SelectKBest(SCORE, k="all"),
    feature_selection.SelectPercentile(SCORE, percentile=70),
    feature_selection.SelectFpr(SCORE),
    feature_selection.SelectFdr(SCORE),
    feature_selection.SelectFwe(SCORE),
    feature_selection.GenericUnivariateSelect(SCORE, mode="k_best", param=1),
    feature_selection.SelectFromModel(Lasso(alpha=0.1)),
    feature_selection.SelectFromModel(RandomForestRegressor(3, random_state=0)),
    feature_selection.RFE(LinearRegression(), n_features_to_select=1),
    feature_selection.RFECV(LinearRegression(), cv=2),
    feature_selection.SequentialFeatureSelector(LinearRegression(), n_features_to_select=2, cv=2),
]


@pytest.mark.parametrize("selector", CHOOSING, ids=lambda selector: type(selector).__name__)
def test_the_columns_of_training_are_kept(parity: Callable[..., None], table: Any, target: Any, selector: Any) -> None:
    train = table(missing=False)
    steps = [("select", selector), ("scale", StandardScaler()), ("model", LinearRegression())]
    parity(Pipeline(steps).fit(train[NUMBERS], target(train)), table(seed=1, missing=False)[NUMBERS])


def test_the_first_column_alone_is_kept(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    selector = feature_selection.SelectKBest(lambda x, y: np.array([9.0, 1.0, 1.0]), k=1)
    pipeline = Pipeline([("select", selector), ("model", LinearRegression())]).fit(train[NUMBERS], target(train))
    assert pipeline[0].get_support().tolist() == [True, False, False]
    parity(pipeline, table(seed=1, missing=False)[NUMBERS])


def test_no_column_kept_is_refused(table: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    selector = feature_selection.SelectKBest(SCORE, k=0).fit(train, train["age"])
    model = LinearRegression().fit(train, train["age"])
    with pytest.raises(ConversionError, match=r"step 'select' .*keeps no column; loosen it"):
        convert(Pipeline([("select", selector), ("model", model)]), schema(train))


def test_every_selector_is_tried() -> None:
    assert {type(selector) for selector in CHOOSING} == set(SELECTORS)
