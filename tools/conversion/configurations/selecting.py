"""Selectors of columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn import feature_selection
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tools.conversion.configuration import Configuration, fitted, piped

SECTION = "Selecting"
_F = feature_selection.f_regression
_SELECTORS: dict[str, Callable[[], Any]] = {
    "VarianceThreshold": lambda: feature_selection.VarianceThreshold(1.5),
    "SelectKBest(k=2)": lambda: feature_selection.SelectKBest(_F, k=2),
    "SelectKBest(k='all')": lambda: feature_selection.SelectKBest(_F, k="all"),
    "SelectPercentile": lambda: feature_selection.SelectPercentile(_F, percentile=50),
    "SelectFpr": lambda: feature_selection.SelectFpr(_F),
    "SelectFdr": lambda: feature_selection.SelectFdr(_F),
    "SelectFwe": lambda: feature_selection.SelectFwe(_F),
    "GenericUnivariateSelect": lambda: feature_selection.GenericUnivariateSelect(_F, mode="k_best", param=2),
    "SelectFromModel(Lasso)": lambda: feature_selection.SelectFromModel(Lasso(alpha=0.1)),
    "SelectFromModel(RandomForestRegressor)": lambda: feature_selection.SelectFromModel(
        RandomForestRegressor(5, random_state=0)
    ),
    "RFE": lambda: feature_selection.RFE(LinearRegression(), n_features_to_select=2),
    "RFECV": lambda: feature_selection.RFECV(LinearRegression(), cv=2),
    "SequentialFeatureSelector": lambda: feature_selection.SequentialFeatureSelector(
        LinearRegression(), n_features_to_select=2, cv=2
    ),
    "FeatureUnion(StandardScaler, SelectKBest)": lambda: make_union(
        StandardScaler(), feature_selection.SelectKBest(_F, k=2)
    ),
}


CONFIGURATIONS: tuple[Configuration, ...] = (
    *(
        Configuration(SECTION, name, "small", "number", fitted(piped(build, Ridge)))
        for name, build in _SELECTORS.items()
    ),
    Configuration(
        SECTION,
        "SelectPercentile(chi2) after OneHotEncoder",
        "categories",
        "two",
        fitted(
            lambda: make_pipeline(
                OneHotEncoder(handle_unknown="ignore"),
                feature_selection.SelectPercentile(feature_selection.chi2, percentile=50),
                LogisticRegression(),
            )
        ),
    ),
    Configuration(
        SECTION,
        "SelectKBest(k=1) of one column",
        "one",
        "number",
        fitted(lambda: make_pipeline(feature_selection.SelectKBest(_F, k=1), Ridge())),
    ),
)
