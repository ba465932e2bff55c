"""Forms in which people save what they trained, and tables as they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import ensemble, linear_model
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, LabelEncoder, OneHotEncoder, StandardScaler

from tools.conversion.configuration import Configuration, fitted
from tools.conversion.own_code import CODE, own_module
from tools.conversion.tables import TargetKind

SECTION = "Forms"


def _scaled() -> Any:
    return make_pipeline(StandardScaler(), linear_model.LogisticRegression())


def _row(
    name: str,
    table: str,
    target: TargetKind,
    build: Callable[[], Any],
    saved: Callable[[Any], Any] = lambda predictor: predictor,
) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(build), saved=saved)


def _own(name: str, build: Callable[[Any], Any], target: TargetKind = "two") -> Configuration:
    return Configuration(
        SECTION, name, "small", target, lambda rows, values: build(own_module()).fit(rows, values), code=CODE
    )


_FORESTS: dict[str, Callable[[], Any]] = {
    "RandomForestClassifier": lambda: ensemble.RandomForestClassifier(8, random_state=0),
}

CONFIGURATIONS: tuple[Configuration, ...] = (
    _row("flags passed through", "flags", "two", _scaled),
    _row(
        "flags one-hot",
        "flags",
        "two",
        lambda: make_pipeline(
            make_column_transformer((OneHotEncoder(), ["lift", "garden"]), remainder=StandardScaler()),
            linear_model.LogisticRegression(),
        ),
    ),
    _row(
        "flags one-hot alone",
        "flags",
        "two",
        lambda: make_pipeline(
            make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["lift", "garden"])),
            linear_model.LogisticRegression(),
        ),
    ),
    _row("odd names of columns", "odd names", "number", lambda: make_pipeline(StandardScaler(), linear_model.Ridge())),
    _row("pandas.get_dummies", "dummies", "two", _FORESTS["RandomForestClassifier"]),
    Configuration(
        SECTION,
        "numpy rows",
        "small",
        "two",
        lambda rows, target: _scaled().fit(rows, target.to_numpy()),
        rows=lambda frame: frame.to_numpy(),
    ),
    Configuration(
        SECTION,
        "numpy objects, ColumnTransformer by position",
        "mixed",
        "two",
        lambda rows, target: make_pipeline(
            make_column_transformer(
                (OneHotEncoder(handle_unknown="ignore"), [5, 6]), (StandardScaler(), [0, 1, 2, 3, 4])
            ),
            linear_model.LogisticRegression(),
        ).fit(rows, target.to_numpy()),
        rows=lambda frame: frame.to_numpy(object),
    ),
    Configuration(
        SECTION,
        "LabelEncoder'd target, names in the table",
        "small",
        "three",
        lambda rows, target: _scaled().fit(rows, LabelEncoder().fit_transform(target)),
    ),
    Configuration(
        SECTION,
        'dict {"model", "label_encoder"}',
        "small",
        "three",
        lambda rows, target: _scaled().fit(rows, LabelEncoder().fit_transform(target)),
        saved=lambda pipeline: {"model": pipeline, "label_encoder": LabelEncoder().fit(["a", "b", "c"])},
    ),
    Configuration(
        SECTION,
        "target as a frame",
        "small",
        "number",
        lambda rows, target: linear_model.LinearRegression().fit(rows, target.to_frame()),
    ),
    _row(
        'dict {"model", "features", "metrics"}',
        "small",
        "two",
        _scaled,
        lambda pipeline: {
            "model": pipeline,
            "features": list(pipeline.feature_names_in_),
            "metrics": {"accuracy": 0.9},
        },
    ),
    _row("[model, columns]", "small", "two", _scaled, lambda pipeline: [pipeline, list(pipeline.feature_names_in_)]),
    _row("(scaler, model)", "small", "two", _scaled, lambda pipeline: (pipeline[0], pipeline[1])),
    _row("(model, scaler)", "small", "two", _scaled, lambda pipeline: (pipeline[1], pipeline[0])),
    _row(
        'dict {"model", "scaler"}',
        "small",
        "two",
        _scaled,
        lambda pipeline: {"model": pipeline[1], "scaler": pipeline[0]},
    ),
    Configuration(
        SECTION,
        'dict {"model", "scaler", "label_encoder"}',
        "small",
        "three",
        lambda rows, target: _scaled().fit(rows, LabelEncoder().fit_transform(target)),
        saved=lambda pipeline: {
            "model": pipeline[1],
            "scaler": pipeline[0],
            "label_encoder": LabelEncoder().fit(["a", "b", "c"]),
        },
    ),
    _row("dict of two models", "small", "two", _scaled, lambda pipeline: {"first": pipeline, "second": _scaled()}),
    _row("scaler alone", "small", "two", _scaled, lambda pipeline: pipeline[0]),
    _row("unfitted pipeline", "small", "two", _scaled, lambda pipeline: _scaled()),
    _row(
        "FunctionTransformer(lambda)",
        "small",
        "two",
        lambda: make_pipeline(
            FunctionTransformer(lambda rows: rows + 1), linear_model.LogisticRegression(max_iter=2000)
        ),
    ),
    _row(
        "FunctionTransformer(np.log1p) and RandomForestRegressor",
        "positive",
        "number",
        lambda: make_pipeline(FunctionTransformer(np.log1p), ensemble.RandomForestRegressor(5, random_state=0)),
    ),
    _row(
        "FunctionTransformer(np.log1p) and HistGradientBoostingRegressor",
        "positive",
        "number",
        lambda: make_pipeline(FunctionTransformer(np.log1p), ensemble.HistGradientBoostingRegressor(max_iter=8)),
    ),
    _own(
        "own transformer with to_onnx (--code)",
        lambda own: make_pipeline(own.Doubled(), linear_model.LogisticRegression(max_iter=2000)),
    ),
    _own(
        "own transformer without to_onnx (--code)",
        lambda own: make_pipeline(own.Tripled(), linear_model.LogisticRegression(max_iter=2000)),
    ),
    _own(
        "FunctionTransformer(own function) (--code)",
        lambda own: make_pipeline(FunctionTransformer(own.halved), linear_model.LogisticRegression(max_iter=2000)),
    ),
)
