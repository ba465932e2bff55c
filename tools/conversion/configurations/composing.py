"""Pipelines of pipelines, columns, searches and transformed targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn import ensemble, linear_model, preprocessing
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.experimental import enable_halving_search_cv  # noqa: F401  HalvingGridSearchCV is hidden behind it
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from tools.conversion.configuration import Configuration, fitted, piped
from tools.conversion.tables import TargetKind

SECTION = "Composing"
NUMBERS = ["age", "height", "weight", "dose", "change"]
TEXTS = ["city", "plan"]


def mixed(**options: Any) -> Any:
    """Numbers imputed and scaled, texts imputed and one-hot."""
    return make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
        (
            make_pipeline(
                SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore", sparse_output=False)
            ),
            TEXTS,
        ),
        **options,
    )


def _row(name: str, table: str, target: TargetKind, build: Callable[[], Any]) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(build))


def _search(kind: Any, **options: Any) -> Any:
    return kind(make_pipeline(StandardScaler(), linear_model.Ridge()), {"ridge__alpha": [0.1, 1.0]}, cv=2, **options)


def _records(frame: pd.DataFrame) -> Any:
    return frame.to_dict("records")


_TARGET_TRANSFORMERS: dict[str, Callable[[], Any]] = {
    "TransformedTargetRegressor(np.log1p, np.expm1)": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1
    ),
    "TransformedTargetRegressor(np.log, np.exp)": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), func=np.log, inverse_func=np.exp
    ),
    "TransformedTargetRegressor(np.sqrt, np.square)": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), func=np.sqrt, inverse_func=np.square
    ),
    "TransformedTargetRegressor(StandardScaler)": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=StandardScaler()
    ),
    "TransformedTargetRegressor(MinMaxScaler)": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=preprocessing.MinMaxScaler()
    ),
    "TransformedTargetRegressor(QuantileTransformer)": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=preprocessing.QuantileTransformer(n_quantiles=50)
    ),
    "TransformedTargetRegressor(PowerTransformer)": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=preprocessing.PowerTransformer()
    ),
}
_MODELS: dict[str, Callable[[], Any]] = {
    "LogisticRegression": linear_model.LogisticRegression,
    "RandomForestClassifier": lambda: ensemble.RandomForestClassifier(8, random_state=0),
    "HistGradientBoostingClassifier": lambda: ensemble.HistGradientBoostingClassifier(max_iter=8),
}

CONFIGURATIONS: tuple[Configuration, ...] = (
    *(
        _row(
            f"{name} after a mixed ColumnTransformer",
            "mixed with holes",
            kind,
            piped(lambda: mixed(sparse_threshold=0), build),
        )
        for name, build in _MODELS.items()
        for kind in ("two", "three")
    ),
    *(_row(name, "small", "positive", build) for name, build in _TARGET_TRANSFORMERS.items()),
    _row(
        "Pipeline with passthrough steps",
        "small with holes",
        "number",
        lambda: Pipeline(
            [("no", "passthrough"), ("fill", SimpleImputer()), ("none", None), ("m", linear_model.Ridge())]
        ),
    ),
    _row(
        "ColumnTransformer(remainder='passthrough')",
        "mixed",
        "number",
        lambda: make_pipeline(
            make_column_transformer((OneHotEncoder(handle_unknown="ignore"), TEXTS), remainder="passthrough"),
            ensemble.RandomForestRegressor(5, random_state=0),
        ),
    ),
    _row(
        "ColumnTransformer(remainder=StandardScaler())",
        "mixed",
        "number",
        lambda: make_pipeline(
            make_column_transformer((OneHotEncoder(handle_unknown="ignore"), TEXTS), remainder=StandardScaler()),
            linear_model.Ridge(),
        ),
    ),
    _row(
        "ColumnTransformer with make_column_selector",
        "mixed with holes",
        "two",
        lambda: make_pipeline(
            make_column_transformer(
                (SimpleImputer(), make_column_selector(dtype_include=np.number)),
                (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude=np.number)),
            ),
            StandardScaler(with_mean=False),
            linear_model.LogisticRegression(max_iter=1000),
        ),
    ),
    _row(
        "ColumnTransformer with drop, a mask and a slice",
        "mixed",
        "number",
        lambda: make_pipeline(
            make_column_transformer(
                ("drop", ["age"]),
                (StandardScaler(), slice(1, 3)),
                (OrdinalEncoder(), [False] * 5 + [True, True]),
            ),
            linear_model.Ridge(),
        ),
    ),
    _row(
        "ColumnTransformer, one column twice",
        "mixed",
        "number",
        lambda: make_pipeline(
            make_column_transformer((StandardScaler(), ["age", "dose"]), (preprocessing.MinMaxScaler(), ["age"])),
            linear_model.Ridge(),
        ),
    ),
    _row(
        "ColumnTransformer(transformer_weights)",
        "small",
        "number",
        lambda: make_pipeline(
            make_column_transformer((StandardScaler(), ["age"]), (preprocessing.MinMaxScaler(), ["dose"])).set_params(
                transformer_weights={"standardscaler": 0.5}
            ),
            linear_model.Ridge(),
        ),
    ),
    _row(
        "FeatureUnion(transformer_weights)",
        "small",
        "number",
        lambda: make_pipeline(
            FeatureUnion(
                [("s", StandardScaler()), ("m", preprocessing.MinMaxScaler())], transformer_weights={"m": 3.0}
            ),
            linear_model.Ridge(),
        ),
    ),
    _row(
        "set_output(transform='pandas')",
        "mixed",
        "number",
        lambda: make_pipeline(
            mixed(sparse_threshold=0, verbose_feature_names_out=False).set_output(transform="pandas"),
            ensemble.RandomForestRegressor(5, random_state=0),
        ),
    ),
    _row("GridSearchCV", "small", "number", lambda: _search(GridSearchCV)),
    _row("RandomizedSearchCV", "small", "number", lambda: _search(RandomizedSearchCV, n_iter=2, random_state=0)),
    _row("HalvingGridSearchCV", "small", "number", lambda: _search(HalvingGridSearchCV)),
    _row(
        "GridSearchCV as the last step",
        "small",
        "number",
        lambda: make_pipeline(StandardScaler(), GridSearchCV(linear_model.Ridge(), {"alpha": [0.1, 1.0]}, cv=2)),
    ),
    Configuration(
        SECTION,
        "DictVectorizer and LogisticRegression",
        "mixed",
        "two",
        fitted(lambda: make_pipeline(DictVectorizer(), linear_model.LogisticRegression(max_iter=1000))),
        rows=_records,
    ),
    Configuration(
        SECTION,
        "pickle.dump((DictVectorizer, RandomForestRegressor))",
        "mixed",
        "number",
        fitted(lambda: make_pipeline(DictVectorizer(sparse=False), ensemble.RandomForestRegressor(5, random_state=0))),
        rows=_records,
        saved=lambda pipeline: (pipeline[0], pipeline[1]),
    ),
    Configuration(
        SECTION,
        "float32 rows",
        "small",
        "number",
        lambda rows, target: make_pipeline(linear_model.Ridge()).fit(rows.astype(np.float32), target),
        rows=lambda frame: frame.astype(np.float32),
    ),
)
