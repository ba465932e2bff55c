"""The input of a pipeline: dictionaries for a DictVectorizer, texts for a text vectorizer, a frame for all others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor, RegressorChain
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema, Table
from model_export.pipelines.pipeline_input import pipeline_input, target_array, training_target, typed_label
from model_export.transformers.dates import DateParts

SCHEMA = Schema(
    features=(
        Feature("fuel", "string", nullable=True),
        Feature("km", "number", nullable=True),
        Feature("year", "integer"),
    ),
    target=Feature("price", "number"),
)
TABLE: Table = {"price": [1, 2.5], "year": [2014, 2015], "km": [None, 7], "fuel": ["Diesel", None]}


@pytest.mark.parametrize("pipeline", [make_pipeline(DictVectorizer(), LinearRegression()), DictVectorizer()])
def test_a_dict_vectorizer_gets_dictionaries_without_what_is_missing(pipeline: Any) -> None:
    found = pipeline_input(pipeline, TABLE, SCHEMA)
    assert found == [{"fuel": "Diesel", "year": 2014}, {"km": 7, "year": 2015}]
    assert list(found[0]) == ["fuel", "year"]


@pytest.mark.parametrize(
    "pipeline",
    [
        make_pipeline(ColumnTransformer([("fuel", OneHotEncoder(), ["fuel"])]), LinearRegression()),
        LinearRegression(),
        Pipeline([("model", LinearRegression())]),
    ],
)
def test_others_get_a_frame_in_schema_order(pipeline: Any) -> None:
    frame = pipeline_input(pipeline, TABLE, SCHEMA)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["fuel", "km", "year"]
    assert [str(kind) for kind in frame.dtypes] == ["object", "float64", "float64"]
    assert frame["fuel"].tolist() == ["Diesel", None]
    assert frame["fuel"][1] is None
    assert np.isnan(frame["km"][0])
    assert frame["year"].tolist() == [2014.0, 2015.0]


def test_datetimes_are_datetime64_in_utc_or_without_time_zone() -> None:
    features = (Feature("sold", "datetime", nullable=True), Feature("seen", "datetime", time_zone="UTC"))
    moments: Table = {"sold": [None, datetime.max], "seen": [datetime.min, datetime(2024, 2, 29)]}
    frame = pipeline_input(LinearRegression(), moments, Schema(features, SCHEMA.target))
    assert [str(kind) for kind in frame.dtypes] == ["datetime64[us]", "datetime64[us, UTC]"]
    assert frame["sold"].isna().tolist() == [True, False]
    assert frame["sold"][1] == datetime.max
    assert frame["seen"].dt.tz_localize(None).dt.to_pydatetime().tolist() == moments["seen"]


@pytest.mark.parametrize("pipeline", [DictVectorizer(), LinearRegression()])
def test_no_rows_are_no_rows(pipeline: Any) -> None:
    assert len(pipeline_input(pipeline, {name: [] for name in TABLE}, SCHEMA)) == 0


TEXTS = Schema((Feature("text", "string", categorical=False),), Feature("tag", "string"))


@pytest.mark.parametrize("vectorizer", [TfidfVectorizer(), CountVectorizer(), HashingVectorizer()])
def test_a_vectorizer_gets_texts(vectorizer: Any) -> None:
    pipeline = make_pipeline(vectorizer, LogisticRegression())
    assert pipeline_input(pipeline, {"text": ["a", "b"], "tag": ["x", "y"]}, TEXTS) == ["a", "b"]


def test_a_vectorizer_takes_one_text_and_nothing_else() -> None:
    with pytest.raises(ConversionError, match=r"TfidfVectorizer.*fuel, km, year: give the model one feature"):
        pipeline_input(make_pipeline(TfidfVectorizer(), LogisticRegression()), TABLE, SCHEMA)


def test_a_column_of_missing_values_keeps_its_type() -> None:
    table: Table = {"fuel": [None, None], "km": [None, None], "year": [1, 2]}
    frame = pipeline_input(LinearRegression(), table, SCHEMA)
    assert [str(kind) for kind in frame.dtypes] == ["object", "float64", "float64"]
    assert frame["fuel"].tolist() == [None, None]
    assert frame["km"].isna().all()


def test_the_target_is_an_array_of_its_type() -> None:
    number = target_array(TABLE, SCHEMA)
    assert (number.dtype, number.tolist()) == (np.float64, [1.0, 2.5])
    text = target_array({"sold": ["yes", "no"]}, Schema(SCHEMA.features, Feature("sold", "string")))
    assert (text.dtype, text.tolist()) == (object, ["yes", "no"])


def test_a_pipeline_trains_and_predicts_on_either() -> None:
    whole: Table = {"fuel": ["a", "b", "a"], "km": [1, 2, 3], "year": [1, 1, 1], "price": [1, 2, 3]}
    pipeline = make_pipeline(DictVectorizer(), LinearRegression())
    pipeline.fit(pipeline_input(pipeline, whole, SCHEMA), target_array(whole, SCHEMA))
    assert pipeline.predict(pipeline_input(pipeline, whole, SCHEMA)) == pytest.approx([1, 2, 3])


WITH_HOLES = pd.DataFrame({"fuel": pd.Series(["Diesel", np.nan], dtype=object), "km": [1.0, 2.0], "year": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("step", "has_nan"),
    [
        (SimpleImputer(strategy="most_frequent"), True),
        (SimpleImputer(strategy="constant", fill_value="?"), True),
        (SimpleImputer(missing_values=None, strategy="most_frequent"), False),
        (MissingIndicator(missing_values=None), False),
        (OneHotEncoder(), False),
    ],
)
def test_a_missing_text_is_what_the_imputer_looks_for(step: Any, has_nan: bool) -> None:
    pipeline = make_pipeline(ColumnTransformer([("fuel", step, ["fuel"])]), LinearRegression())
    value = pipeline_input(pipeline, TABLE, SCHEMA)["fuel"][1]
    assert (value is None) is not has_nan
    assert pd.isna(value)


@pytest.mark.parametrize("encoder", [OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()])
def test_a_missing_text_is_what_the_encoder_was_fitted_on(encoder: Any) -> None:
    pipeline = make_pipeline(ColumnTransformer([("fuel", encoder, ["fuel"])]), LinearRegression(fit_intercept=False))
    for missing in (np.nan, None):
        rows = WITH_HOLES.assign(fuel=WITH_HOLES["fuel"].where(WITH_HOLES["fuel"].notna(), missing))
        model = HistGradientBoostingRegressor() if isinstance(encoder, OrdinalEncoder) else LinearRegression()
        fitted = make_pipeline(pipeline[0], model).fit(rows, [1.0, 2.0])
        assert (pipeline_input(fitted, TABLE, SCHEMA)["fuel"][1] is None) is (missing is None)


def test_what_was_fitted_on_an_array_gets_one() -> None:
    numbers = Schema(SCHEMA.features[1:], SCHEMA.target)
    fitted = make_pipeline(StandardScaler(), LinearRegression()).fit(np.ones((2, 2)), [1, 2])
    found = pipeline_input(fitted, TABLE, numbers)
    assert isinstance(found, np.ndarray)
    assert (found.dtype, found.tolist()[1]) == (np.float64, [7.0, 2015.0])


def test_dates_that_were_fitted_on_an_array_get_one() -> None:
    moments: Table = {"sold": [datetime(2024, 2, 29), None]}
    schema = Schema((Feature("sold", "datetime", nullable=True),), SCHEMA.target)
    step = DateParts(["day"]).fit(np.array([["2024-02-29"]], dtype="datetime64[us]"))
    found = pipeline_input(step, moments, schema)
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(step.transform(found), [[29.0], [np.nan]])


def test_a_target_of_whole_numbers_keeps_them() -> None:
    """So that a class is called 1 and not 1.0."""
    schema = Schema(SCHEMA.features, Feature("stars", "integer"))
    found = target_array({"stars": [1, 2]}, schema)
    assert (found.dtype, found.tolist()) == (np.int64, [1, 2])


@pytest.mark.parametrize(
    ("types", "columns", "dtype", "expected"),
    [
        (("number", "integer"), ([1.5, 2], [3, 4]), np.float64, [[1.5, 3.0], [2.0, 4.0]]),
        (("boolean", "boolean"), ([True, False], [False, True]), np.bool_, [[True, False], [False, True]]),
        (("boolean", "integer"), ([True, False], [3, 4]), np.int64, [[1, 3], [0, 4]]),
        (("string", "string"), (["a", "b"], ["é", "x"]), object, [["a", "é"], ["b", "x"]]),
        (
            ("string", "boolean", "integer"),
            (["a", "b"], [True, False], [3, 4]),
            object,
            [["a", "True", "3"], ["b", "False", "4"]],
        ),
    ],
)
def test_several_targets_are_columns_of_one_array(types: Any, columns: Any, dtype: Any, expected: Any) -> None:
    closed = {"integer": (3, 4)}
    targets = tuple(Feature(f"t{place}", kind, allowed=closed.get(kind, ())) for place, kind in enumerate(types))
    table = {target.name: list(column) for target, column in zip(targets, columns, strict=True)}
    found = target_array(table, Schema(SCHEMA.features, targets))
    assert (found.dtype, found.tolist()) == (np.dtype(dtype), expected)
    pairs = zip(targets, found.T.tolist(), strict=True)
    assert [[typed_label(value, target) for value in column] for target, column in pairs] == list(map(list, columns))


@pytest.mark.parametrize(
    ("target", "label", "expected"),
    [
        (Feature("y", "boolean"), 1, True),
        (Feature("y", "boolean"), "True", True),
        (Feature("y", "integer", allowed=(1, 2)), 2.0, 2),
        (Feature("y", "integer", allowed=(1, 2)), "2", 2),
        (Feature("y", "number", allowed=(0.5, 1.0)), 1, 1.0),
        (Feature("y", "number", allowed=(0.5, 1.0)), 0.5, 0.5),
        (Feature("y", "integer"), 0.5, 0.5),
        (Feature("y", "string"), "1", "1"),
        (Feature("y", "integer", allowed=(1, 2)), "other", "other"),
    ],
)
def test_a_label_has_the_type_of_its_own_target(target: Feature, label: Any, expected: Any) -> None:
    found = typed_label(label, target)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("pipeline", "shape"),
    [
        (LinearRegression(), (2,)),
        (make_pipeline(StandardScaler(), LinearRegression()), (2,)),
        (MultiOutputRegressor(LinearRegression()), (2, 1)),
        (make_pipeline(StandardScaler(), RegressorChain(LinearRegression())), (2, 1)),
        (TransformedTargetRegressor(MultiOutputRegressor(LinearRegression())), (2, 1)),
        (GridSearchCV(MultiOutputRegressor(LinearRegression()), {}), (2, 1)),
    ],
)
def test_one_target_is_a_column_for_what_has_a_member_for_each(pipeline: Any, shape: tuple[int, ...]) -> None:
    assert training_target(pipeline, TABLE, SCHEMA).shape == shape
