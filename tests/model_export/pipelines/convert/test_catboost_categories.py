"""Categories of CatBoost and the graph side by side: one-hot, counted alone, and counted in combinations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from functions.core.errors import ConversionError
from functions.core.schema import Schema
from model_export.pipelines.convert import catboost_categories, convert
from model_export.pipelines.convert.catboost_categories import category_columns
from tests.model_export.pipelines.convert.boosted import (
    ROWS,
    TOWNS,
    TREES,
    largest_difference,
    numbers,
    schema_for,
    score_of,
)
from tests.model_export.pipelines.convert.conftest import feed_of, session_of

catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
FEW: dict[str, Any] = {
    "iterations": TREES,
    "learning_rate": 0.3,
    "verbose": 0,
    "thread_count": 1,
    "allow_writing_files": False,
    "cat_features": ["town", "plan"],
}
KNOWN = [*TOWNS, "Cádiz", "東京", 'a "quoted"\\one', "3", "x" * 90]


def with_categories(seed: int, *unseen: str) -> pd.DataFrame:
    """Numbers with missing values around two columns of texts, which CatBoost takes without missing values."""
    rng = np.random.default_rng(seed)
    table = numbers(seed=seed)
    table.insert(1, "town", pd.Series(rng.choice([*KNOWN, *unseen], ROWS), dtype=object))
    return table.assign(plan=pd.Series(rng.choice(["basic", "plus", "pro"], ROWS), dtype=object))


def target_of(table: pd.DataFrame) -> Any:
    return score_of(table) + 2 * (table["plan"] == "plus") * (table["town"].str.len() % 3)


def schema_of_texts(table: pd.DataFrame) -> Schema:
    """A schema with the levels of the texts in the table, none of which may be missing."""
    schema = schema_for(table)
    features = tuple(
        replace(one, nullable=False).learn(table[one.name].tolist()) if one.is_string else one
        for one in schema.features
    )
    return replace(schema, features=features)


def compared(estimator: Any, target: Any) -> float:
    """The largest difference on rows with texts that training lacked, of the estimator that is fitted here."""
    train, test = with_categories(1), with_categories(2, "Oslo", "pro", "")
    estimator.fit(train, target)
    schema = schema_of_texts(train)
    found = session_of(convert(estimator, schema)).run(None, feed_of(test, schema))
    if not hasattr(estimator, "predict_proba"):
        return largest_difference(found, [estimator.predict(test)], smallest=1e-3)
    labels = np.searchsorted(estimator.classes_, np.ravel(estimator.predict(test)))
    return largest_difference(found, [labels, estimator.predict_proba(test)], smallest=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        {"one_hot_max_size": 50},
        {"one_hot_max_size": 3},
        {"max_ctr_complexity": 1},
        {},
        {"grow_policy": "Lossguide", "one_hot_max_size": 3},
        {
            "simple_ctr": ["Buckets", "Counter", "BinarizedTargetMeanValue"],
            "combinations_ctr": ["Borders", "Counter"],
        },
    ],
)
def test_a_regression_is_equal_on_texts_that_training_had_and_lacked(options: dict[str, Any]) -> None:
    model = catboost.CatBoostRegressor(**FEW, **options)
    assert compared(model, target_of(with_categories(1))) < 1e-14
    assert category_columns(model) == ["town", "plan"]


@pytest.mark.parametrize(
    ("options", "elements"),
    [
        ({"one_hot_max_size": 2}, {"cat_feature_value", "float_feature"}),
        ({"one_hot_max_size": 2, "nan_mode": "Max"}, {"cat_feature_value", "float_feature"}),
        ({"one_hot_max_size": 3}, {"cat_feature_value", "cat_feature_exact_value", "float_feature"}),
    ],
)
def test_categories_are_counted_together_with_others_and_with_numbers(
    tmp_path: Path, options: dict[str, Any], elements: set[str]
) -> None:
    train = with_categories(1)
    effects = dict(zip(KNOWN, np.random.default_rng(0).normal(size=len(KNOWN)), strict=True))
    target = (train["plan"] == "plus") * (3 + 5 * train["town"].map(effects)) + (train["age"] > 50)
    model = catboost.CatBoostRegressor(**{**FEW, "iterations": 60}, max_ctr_complexity=3, **options)
    assert compared(model, target) < 1e-14
    model.save_model(str(tmp_path / "model.json"), format="json")
    ctrs = json.loads((tmp_path / "model.json").read_text("utf-8"))["features_info"]["ctrs"]
    assert {one["combination_element"] for ctr in ctrs for one in ctr["elements"]} >= elements
    assert max(len(ctr["elements"]) for ctr in ctrs) > 1


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_and_probabilities(classes: int) -> None:
    names = ["low", "more", "top"][:classes]
    target = pd.qcut(target_of(with_categories(1)), classes, labels=names).astype(object)
    assert compared(catboost.CatBoostClassifier(one_hot_max_size=1, **FEW), target) < 1e-9


@pytest.fixture(scope="module")
def fitted() -> Any:
    return catboost.CatBoostRegressor(**FEW).fit(with_categories(1), target_of(with_categories(1)))


@pytest.mark.parametrize("one_hot", [2, 50])
def test_a_table_that_lacks_a_category_of_the_model_is_refused(one_hot: int) -> None:
    train = with_categories(1)
    model = catboost.CatBoostRegressor(one_hot_max_size=one_hot, **FEW).fit(train, target_of(train))
    fewer = schema_of_texts(train[train["town"] != "Lyon"])
    with pytest.raises(ConversionError, match="lacks some of the categories that it was fitted on"):
        convert(model, fewer)


def test_a_category_that_may_be_missing_is_refused(fitted: Any) -> None:
    with pytest.raises(ConversionError, match="town may be missing, and CatBoost takes no missing text"):
        convert(fitted, schema_for(with_categories(1)))


def test_a_category_that_is_a_number_in_the_schema_is_refused(fitted: Any) -> None:
    schema = schema_of_texts(with_categories(1))
    features = tuple(replace(one, type="integer", levels=()) if one.name == "plan" else one for one in schema.features)
    with pytest.raises(ConversionError, match="plan is a number in the schema"):
        convert(fitted, replace(schema, features=features))


def test_too_many_combinations_are_refused(fitted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catboost_categories, "MOST_COMBINATIONS", 10)
    with pytest.raises(ConversionError, match="a smaller max_ctr_complexity"):
        convert(fitted, schema_of_texts(with_categories(1)))


def test_categories_of_a_step_among_others_are_refused_with_encoders(fitted: Any) -> None:
    with pytest.raises(ConversionError, match="TargetEncoder, OrdinalEncoder or OneHotEncoder"):
        convert(Pipeline([("same", "passthrough"), ("model", fitted)]), schema_of_texts(with_categories(1)))
