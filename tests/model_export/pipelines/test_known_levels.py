"""The levels that warn and refuse: those of the pipeline's encoders."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from functions.core.schema import Feature, Schema
from model_export.pipelines.known_levels import with_known_levels

FRAME = pd.DataFrame({"size": ["S", "M", "s"] * 4, "a=b": ["x", "y", "y"] * 4, "m": range(12)})
SCHEMA = Schema(
    (
        Feature("size", "string", levels=("S", "L")),
        Feature("a=b", "string", levels=("x",)),
        Feature("m", "number", observed=(0.0, 11.0)),
    ),
    Feature("y", "number"),
)
ENCODED: dict[str, Any] = {
    "one-hot": OneHotEncoder(handle_unknown="ignore"),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    "imputed": make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
}


def levels(pipeline: Any, schema: Schema = SCHEMA) -> list[tuple[str, ...]]:
    return [feature.levels for feature in with_known_levels(schema, pipeline).features]


@pytest.mark.parametrize("encoder", ENCODED)
def test_they_are_the_categories_of_the_encoder(encoder: str) -> None:
    columns = make_column_transformer((ENCODED[encoder], ["size", "a=b"]), remainder="passthrough")
    assert levels(make_pipeline(columns, Ridge()).fit(FRAME, FRAME.m)) == [("M", "S", "s"), ("x", "y"), ()]


def test_they_are_the_entries_of_a_vectorizer() -> None:
    rows = FRAME.to_dict("records")
    assert levels(make_pipeline(DictVectorizer(), Ridge()).fit(rows, FRAME.m)) == [("M", "S", "s"), ("x", "y"), ()]


def test_a_column_that_no_encoder_reads_keeps_the_levels_of_the_table() -> None:
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["size"]), remainder="drop")
    assert levels(make_pipeline(columns, Ridge()).fit(FRAME, FRAME.m)) == [("M", "S", "s"), ("x",), ()]


def test_closed_lists_and_free_text_have_none() -> None:
    features = (
        Feature("size", "string", allowed=("S",)),
        Feature("a=b", "string", categorical=False),
        Feature("m", "number"),
    )
    columns = make_column_transformer((ENCODED["one-hot"], ["size", "a=b"]), remainder="passthrough")
    pipeline = make_pipeline(columns, Ridge()).fit(FRAME, FRAME.m)
    assert levels(pipeline, Schema(features, SCHEMA.target)) == [(), (), ()]
