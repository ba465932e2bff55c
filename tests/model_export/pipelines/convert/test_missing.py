"""The marker of a missing text is the one that the steps of a pipeline look for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema
from functions.predictors.by_task import open_graph_predictor
from model_export.pipelines.convert import export
from model_export.pipelines.convert.missing import columns_with_nan
from model_export.pipelines.pipeline_input import pipeline_input


def words(missing: Any) -> pd.DataFrame:
    return pd.DataFrame({"city": pd.Series(["Lyon", missing, "Zürich", missing], dtype=object)})


@pytest.mark.parametrize(
    ("imputer", "is_nan"),
    [
        (SimpleImputer(strategy="most_frequent"), True),
        (SimpleImputer(strategy="constant", fill_value="none"), True),
        (SimpleImputer(strategy="mean"), False),
        (SimpleImputer(missing_values=None, strategy="most_frequent"), False),
        (MissingIndicator(missing_values=None), False),
        (MissingIndicator(), False),
    ],
)
def test_an_imputer_that_may_read_text_decides_before_it_is_fitted(imputer: Any, is_nan: bool) -> None:
    assert columns_with_nan(make_pipeline(imputer, LinearRegression()), ["city"]) == (["city"] if is_nan else [])


def test_a_step_that_looks_for_none_outweighs_one_that_looks_for_nan() -> None:
    none = SimpleImputer(missing_values=None, strategy="most_frequent")
    assert columns_with_nan(make_pipeline(SimpleImputer(strategy="most_frequent"), none), ["city"]) == []


@pytest.mark.parametrize(("missing", "is_nan"), [(np.nan, True), (None, False)])
@pytest.mark.parametrize("encoder", [OneHotEncoder(sparse_output=False), OrdinalEncoder()])
def test_an_encoder_remembers_the_marker_of_its_training(encoder: Any, missing: Any, is_nan: bool) -> None:
    pipeline = make_pipeline(encoder, HistGradientBoostingRegressor()).fit(words(missing), [1.0, 2.0, 3.0, 4.0])
    assert columns_with_nan(pipeline, ["city"]) == (["city"] if is_nan else [])


@pytest.mark.parametrize(("missing", "is_nan"), [(np.nan, True), (None, False)])
def test_native_categories_remember_it_too(missing: Any, is_nan: bool) -> None:
    model = HistGradientBoostingRegressor(categorical_features=["city"]).fit(words(missing), [1.0, 2.0, 3.0, 4.0])
    assert columns_with_nan(model, ["city"]) == (["city"] if is_nan else [])


def test_missing_numbers_do_not_speak_of_text() -> None:
    numbers = pd.DataFrame({"x": [1.0, np.nan, 2.0, np.nan]})
    pipeline = make_pipeline(OrdinalEncoder(), HistGradientBoostingRegressor()).fit(numbers, [1.0, 2.0, 3.0, 4.0])
    assert columns_with_nan(pipeline, ["city"]) == []


def test_each_column_has_the_marker_of_its_own_encoder() -> None:
    frame = pd.DataFrame({"a": words(None).city, "b": words(np.nan).city, "c": ["x", "y", "x", "y"]})
    for others in ([], [(SimpleImputer(strategy="most_frequent"), ["c"])]):
        columns = make_column_transformer((OneHotEncoder(), ["a"]), (OrdinalEncoder(), ["b"]), *others)
        assert columns_with_nan(columns.fit(frame), ["a", "b"]) == ["b"]


@pytest.mark.parametrize("encoder", [OneHotEncoder(sparse_output=False), OrdinalEncoder(), TargetEncoder(cv=KFold(2))])
@pytest.mark.parametrize("is_nested", [True, False])
def test_none_that_an_imputer_of_nan_left_alone_is_refused(encoder: Any, is_nested: bool) -> None:
    """scikit-learn makes None a category of its own there, while null would be imputed here."""
    pipeline = make_pipeline(SimpleImputer(strategy="most_frequent"), encoder, LinearRegression())
    if is_nested:
        imputed = make_column_transformer((SimpleImputer(strategy="most_frequent"), ["city"]))
        pipeline = make_pipeline(imputed, encoder, LinearRegression())
    pipeline.fit(words(None), [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ConversionError, match="looks for NaN, and the encoder behind it learned None as a value"):
        columns_with_nan(pipeline, ["city"])


MISSING = st.sampled_from([None, np.nan, ""])
CELLS = st.lists(st.sampled_from(["u", "w", "x"]) | MISSING, min_size=12, max_size=24).filter(
    lambda cells: len({cell for cell in cells if isinstance(cell, str) and cell}) > 1
)
IMPUTERS = {
    "nothing": [],
    "most frequent": [SimpleImputer(strategy="most_frequent")],
    "constant": [SimpleImputer(strategy="constant", fill_value="u")],
    "none": [SimpleImputer(missing_values=None, strategy="most_frequent")],
}
ENCODERS = {
    "one-hot": OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    "target": TargetEncoder(cv=KFold(2)),
}


@settings(max_examples=80, deadline=None)
@given(
    cells=CELLS,
    dtype=st.sampled_from(["object", "str", "string", "category"]),
    imputer=st.sampled_from(sorted(IMPUTERS)),
    encoder=st.sampled_from(sorted(ENCODERS)),
)
@example(cells=["u", None, "w", "u"] * 3, dtype="object", imputer="most frequent", encoder="one-hot")
@example(cells=["u", None, "w", np.nan] * 3, dtype="object", imputer="most frequent", encoder="one-hot")
@example(cells=["u", None, "w", np.nan] * 3, dtype="object", imputer="none", encoder="ordinal")
@example(cells=["u", "", "w", "w"] * 3, dtype="str", imputer="constant", encoder="ordinal")
def test_a_missing_text_is_answered_as_the_pipeline_answers_the_one_of_its_training_or_not_at_all(
    cells: list[Any], dtype: str, imputer: str, encoder: str
) -> None:
    frame = pd.DataFrame({"city": pd.Series(cells, dtype=object).astype(dtype)})
    steps = [clone(step) for step in (*IMPUTERS[imputer], ENCODERS[encoder])]
    pipeline = make_pipeline(*steps, LinearRegression())
    schema = Schema((Feature("city", "string", nullable=True),), Feature("rent", "number"))
    table = {"city": [cell if isinstance(cell, str) and cell else None for cell in cells]}
    try:
        pipeline.fit(frame, np.arange(len(cells), dtype=float) ** 2)
        expected = pipeline.predict(frame)
    except (ValueError, TypeError):  # scikit-learn itself cannot, pd.NA for one
        return
    try:
        pipeline_input(pipeline, table, schema)
        predictor = open_graph_predictor(
            "tabular-regression", export("tabular-regression", pipeline, schema), schema, ()
        )
    except ConversionError:
        return
    served = np.ravel(predictor.run(table)[0])
    rows = [place for place, cell in enumerate(cells) if cell != ""]  # nobody can send an empty text
    np.testing.assert_allclose(served[rows], expected[rows], rtol=1e-9, atol=1e-9)
