"""The fit on a table: pipelines that begin with a DictVectorizer are fitted as scikit-learn fits them on rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from functions.core.schema import Feature, Schema, Table
from model_export.pipelines import fitting
from model_export.pipelines.fitting import fit_on_table
from model_export.pipelines.joblib_file import pickled
from model_export.pipelines.pipeline_input import pipeline_input, target_array

SCHEMA = Schema(
    (Feature("kind", "string", nullable=True), Feature("size", "number", nullable=True), Feature("new", "boolean")),
    Feature("y", "string"),
)
ROWS = 60
TABLE: Table = {
    "kind": [["b", "a", None, "c"][row % 4] for row in range(ROWS)],
    "size": [None if row % 7 == 0 else row / 3 for row in range(ROWS)],
    "new": [row % 3 == 0 for row in range(ROWS)],
    "y": ["yes" if row % 5 < 2 else "no" for row in range(ROWS)],
}
Make = Callable[[], Any]
BY_COLUMNS: dict[str, Make] = {
    "dense": lambda: make_pipeline(DictVectorizer(sparse=False), LogisticRegression(solver="liblinear")),
    "sparse": lambda: make_pipeline(DictVectorizer(), LogisticRegression()),
    "steps between": lambda: make_pipeline(
        DictVectorizer(sparse=False), StandardScaler(), SelectKBest(k=2), DecisionTreeClassifier(random_state=0)
    ),
    "a step left out": lambda: make_pipeline(DictVectorizer(), "passthrough", LogisticRegression()),
}
BY_ROWS: dict[str, Make] = {
    "a cache": lambda: Pipeline(BY_COLUMNS["dense"]().steps, memory="cache"),
    "a pipeline within": lambda: make_pipeline(make_pipeline(DictVectorizer(sparse=False)), LogisticRegression()),
}


def fitted_on_rows(make: Make) -> Any:
    pipeline = make()
    return pipeline.fit(pipeline_input(pipeline, TABLE, SCHEMA), target_array(TABLE, SCHEMA))


@pytest.mark.parametrize("make", BY_COLUMNS.values(), ids=BY_COLUMNS)
def test_the_fitted_pipeline_has_the_same_bytes(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = make()
    monkeypatch.setattr(fitting, "pipeline_input", None)  # no dictionary is made
    fit_on_table(pipeline, TABLE, SCHEMA)
    assert pickled(pipeline) == pickled(fitted_on_rows(make))


@pytest.mark.parametrize("make", BY_ROWS.values(), ids=BY_ROWS)
def test_other_pipelines_are_fitted_on_rows(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("cache"))
    monkeypatch.setattr(fitting, "fit_transform_columns", None)
    pipeline = make()
    fit_on_table(pipeline, TABLE, SCHEMA)
    rows = pipeline_input(pipeline, TABLE, SCHEMA)
    assert np.array_equal(pipeline.predict(rows), fitted_on_rows(make).predict(rows))


def test_a_frame_is_fitted_with_its_columns() -> None:
    schema = Schema((Feature("size", "number"),), Feature("y", "string"))
    table: Table = {"size": [float(row) for row in range(ROWS)], "y": TABLE["y"]}
    model = LogisticRegression()
    fit_on_table(model, table, schema)
    assert model.feature_names_in_.tolist() == ["size"]
