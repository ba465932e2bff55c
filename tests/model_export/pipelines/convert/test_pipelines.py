"""Whole pipelines: classes, columns, and pipelines that are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema
from model_export.pipelines.convert import classes, convert

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize("labels", [["no", "yes"], [0, 1], [False, True]])
def test_classes_are_plain_values_in_the_order_of_the_probabilities(table: Any, target: Any, labels: list[Any]) -> None:
    train = table(missing=False)
    model = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())])
    model.fit(train[NUMBERS], np.array(labels)[target(train, classes=2)])
    assert classes(model) == labels
    assert [type(one) for one in classes(model)] == [type(one) for one in labels]


def test_no_rows_give_no_predictions(table: Any, target: Any, schema: Any, run: Any) -> None:
    train = table(missing=False)[NUMBERS]
    graph = convert(LinearRegression().fit(train, target(table(missing=False))), schema(train))
    assert run(graph, train[:0], schema(train))[0].shape == (0,)


@pytest.mark.parametrize(
    ("first", "name"),
    [
        (ColumnTransformer([("numbers", StandardScaler(), ["a"])]), "ColumnTransformer"),
        (StandardScaler(), "StandardScaler"),
    ],
    ids=["columns", "scaler"],
)
def test_a_step_that_was_never_fitted_is_named(first: Any, name: str) -> None:
    """Put together by hand: the last step alone was fitted."""
    pipeline = Pipeline([("first", first), ("model", LinearRegression().fit([[1.0], [2.0]], [1, 2]))])
    schema = Schema((Feature("a", "number"),), Feature("y", "number"))
    with pytest.raises(ConversionError, match=rf"step 'first' \({name}\) cannot become ONNX: it is not fitted"):
        convert(pipeline, schema)


def test_an_unfitted_column_transformer_is_refused() -> None:
    pipeline = make_pipeline(ColumnTransformer([("numbers", StandardScaler(), ["a"])]), LinearRegression())
    schema = Schema((Feature("a", "number"),), Feature("y", "number"))
    with pytest.raises(ConversionError, match="the Pipeline cannot become ONNX: it is not fitted"):
        convert(pipeline, schema)


def test_an_unfitted_pipeline_is_refused(table: Any, schema: Any) -> None:
    with pytest.raises(ConversionError, match="the Pipeline cannot become ONNX: it is not fitted; fit it first"):
        convert(Pipeline([("model", LinearRegression())]), schema(table()[NUMBERS]))


def test_a_pipeline_that_predicts_nothing_is_refused(table: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    with pytest.raises(ConversionError, match="add a classifier or a regressor"):
        convert(Pipeline([("scale", StandardScaler())]).fit(train), schema(train))


def test_columns_that_the_schema_lacks_are_named(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    model = LinearRegression().fit(train[NUMBERS], target(train))
    with pytest.raises(ConversionError, match="it was fitted on age, visits, which the schema lacks"):
        convert(model, schema(train[["income"]]))


def test_another_number_of_columns_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    model = LinearRegression().fit(train[NUMBERS].to_numpy(), target(train))
    with pytest.raises(ConversionError, match="it was fitted on 3 columns, the schema has 2; fit it on these"):
        convert(model, schema(train[["income", "age"]]))


@pytest.mark.parametrize("columns", [["visits", "city"], ["city", "income"]])
def test_columns_that_the_pipeline_was_fitted_on_and_drops_may_be_left_out(
    parity: Any, table: Any, target: Any, columns: list[str]
) -> None:
    """The table of a whole file, the target among it."""
    train = table().assign(target=target(table()))
    numbers = [name for name in columns if name != "city"]
    prepared = make_column_transformer(
        (SimpleImputer(), numbers), (OneHotEncoder(handle_unknown="ignore"), ["city"]), ("drop", ["plan"])
    )
    pipeline = Pipeline([("prepare", prepared), ("model", LinearRegression())]).fit(train, train["target"])
    parity(pipeline, table(seed=1)[columns])
    parity(pipeline, table(seed=1))
