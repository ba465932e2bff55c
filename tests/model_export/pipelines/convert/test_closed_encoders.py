"""Encoders that raise for unknown values: exact where a closed list keeps those out, refused elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.closed_encoders import closed_lists, encoded_levels

TEXT = ["city", "plan"]


def over(encoder: Any, columns: list[str]) -> Pipeline:
    return Pipeline([("encode", ColumnTransformer([("cells", encoder, columns)])), ("model", LinearRegression())])


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        (OneHotEncoder(), "set handle_unknown='ignore'"),
        (OrdinalEncoder(), "set handle_unknown='use_encoded_value'"),
    ],
)
def test_an_encoder_that_raises_is_refused_where_any_value_may_be_sent(
    table: Any, target: Any, schema: Any, encoder: Any, reason: str
) -> None:
    train = table(missing=False)
    pipeline = over(encoder, TEXT).fit(train, target(train))
    with pytest.raises(ConversionError, match=reason) as refusal:
        convert(pipeline, schema(train))
    assert str(refusal.value).startswith(f"step 'encode__cells' ({type(encoder).__name__}) cannot become ONNX: ")


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OneHotEncoder(drop="first"), OrdinalEncoder()])
@pytest.mark.parametrize("imputed", [True, False])
def test_an_encoder_that_raises_is_exact_where_a_closed_list_keeps_unknown_values_out(
    parity: Callable[..., None], table: Any, target: Any, schema: Any, encoder: Any, imputed: bool
) -> None:
    train = table(missing=False)
    prepared = make_pipeline(SimpleImputer(missing_values=None, strategy="most_frequent"), encoder)
    pipeline = over(prepared if imputed else encoder, TEXT).fit(train, target(train))
    found = schema(train)
    lists = {name: tuple(sorted(train[name].unique())) for name in TEXT}
    closed = tuple(replace(one, allowed=lists.get(one.name, ())) for one in found.features)
    parity(pipeline, table(seed=1, missing=False), schema=replace(found, features=closed))
    longer = tuple(replace(one, allowed=(*lists.get(one.name, ()), "new")) for one in found.features if one.is_string)
    with pytest.raises(ConversionError, match="list what may be sent in `allowed`"):
        convert(pipeline, replace(found, features=(*longer, *(one for one in closed if not one.is_string))))


def test_a_closed_list_has_the_values_of_training_without_missing_ones(table: Any, target: Any) -> None:
    train = table()
    open_to_all = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoders = ColumnTransformer([("raises", OrdinalEncoder(), ["plan"]), ("ignores", open_to_all, ["city"])])
    pipeline = make_pipeline(encoders, HistGradientBoostingRegressor(max_iter=2)).fit(train, target(train))
    assert closed_lists(pipeline) == {"plan": ("Lyon", "basic", "plus")}
    assert encoded_levels(pipeline)["plan"] == ("Lyon", "basic", "plus", None)
    assert set(encoded_levels(pipeline)) == {"plan", "city"}


def test_an_encoder_behind_a_step_that_renames_columns_has_no_list() -> None:
    pipeline = make_pipeline(OrdinalEncoder(), LinearRegression()).fit(np.array([["a"], ["b"]], dtype=object), [1, 2])
    assert closed_lists(pipeline) == encoded_levels(pipeline) == {}
