"""Encoders of strings and numbers, with unseen, missing and infrequent categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, TargetEncoder

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from tests.generated import examples

TEXT = ["city", "plan"]


def over(encoder: Any, columns: list[str], *, boosted: bool = False) -> Pipeline:
    model = HistGradientBoostingRegressor(max_iter=20, min_samples_leaf=3) if boosted else LinearRegression()
    return Pipeline([("encode", ColumnTransformer([("cells", encoder, columns)])), ("model", model)])


@pytest.mark.parametrize("columns", [TEXT, ["plan"], ["plan", "city"]])
def test_one_hot_of_strings_with_missing_and_unseen_values(
    parity: Callable[..., None], table: Any, target: Any, columns: list[str]
) -> None:
    pipeline = over(OneHotEncoder(handle_unknown="ignore"), columns).fit(table(), target(table()))
    parity(pipeline, table(seed=1, unseen=True))


def test_one_hot_of_strings_and_numbers_in_one_step(parity: Callable[..., None], table: Any, target: Any) -> None:
    columns = ["visits", "city", "plan", "age"]
    pipeline = over(OneHotEncoder(handle_unknown="ignore"), columns).fit(table(), target(table()))
    parity(pipeline, table(seed=1, unseen=True))


def test_one_hot_meets_missing_values_that_training_lacked(
    parity: Callable[..., None], table: Any, target: Any
) -> None:
    train = table(missing=False)
    pipeline = over(OneHotEncoder(handle_unknown="ignore"), [*TEXT, "visits"]).fit(train, target(train))
    parity(pipeline, table(seed=1))


@pytest.mark.parametrize("drop", ["first", "if_binary"])
@pytest.mark.filterwarnings("ignore:Found unknown categories")
def test_one_hot_that_drops_a_category(parity: Callable[..., None], table: Any, target: Any, drop: str) -> None:
    train = table(missing=False).assign(binary=pd.Series(["yes", "no"] * 100, dtype=object))
    encoder = OneHotEncoder(handle_unknown="ignore", drop=drop)
    pipeline = over(encoder, ["binary", *TEXT]).fit(train, target(train))
    parity(pipeline, table(seed=1, unseen=True).assign(binary=pd.Series(["no", "yes"] * 100, dtype=object)))


@pytest.mark.parametrize("unknown", [-1, np.nan])
@pytest.mark.parametrize("missing", [-2, np.nan])
@pytest.mark.parametrize("columns", [TEXT, ["city"], ["visits", "plan", "city"]])
def test_ordinal_codes_of_unknown_and_missing_values(
    parity: Callable[..., None], table: Any, target: Any, unknown: float, missing: float, columns: list[str]
) -> None:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=unknown, encoded_missing_value=missing)
    pipeline = over(encoder, columns, boosted=True).fit(table(), target(table()))
    parity(pipeline, table(seed=1, unseen=True))


def test_ordinal_keeps_the_order_of_given_categories(parity: Callable[..., None], table: Any, target: Any) -> None:
    train = table(missing=False)
    encoder = OrdinalEncoder(
        categories=[["plus", "Lyon", "basic"]], handle_unknown="use_encoded_value", unknown_value=-1
    )
    parity(over(encoder, ["plan"]).fit(train, target(train)), table(seed=2, unseen=True, missing=False))


WORDS = st.one_of(st.none(), st.sampled_from(["a", "b", "é", "ﬀ"]), st.text(min_size=1, max_size=3))


@given(
    train=st.lists(st.tuples(WORDS, WORDS), min_size=3, max_size=12),
    served=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=12),
)
@examples(25, share_fixtures=True)
def test_any_words_encode_alike(parity: Callable[..., None], train: list[Any], served: list[Any]) -> None:
    seen = pd.DataFrame(train, columns=["first", "second"], dtype=object)
    pipeline = over(OneHotEncoder(handle_unknown="ignore"), ["first", "second"]).fit(seen, np.arange(len(seen)))
    parity(pipeline, pd.DataFrame(served + train, columns=["first", "second"], dtype=object))


@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32),
        OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2, dtype=np.float32
        ),
    ],
)
def test_whole_numbers_in_single_precision_are_the_same_in_front_of_trees(
    parity: Callable[..., None], table: Any, target: Any, encoder: Any
) -> None:
    train = table(missing=False)
    parity(over(encoder, TEXT, boosted=True).fit(train, target(train)), table(seed=3, unseen=True))


def test_a_model_that_computes_in_single_precision_after_an_encoder_is_refused(table: Any, schema: Any) -> None:
    train = table(missing=False)[TEXT]
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore", dtype=np.float32), LogisticRegression())
    pipeline.fit(train, np.arange(len(train)) % 2)
    with pytest.raises(ConversionError, match="fitted on float32 numbers; fit it on float64"):
        convert(pipeline, schema(train))


@pytest.mark.parametrize(
    ("encoder", "reason"),
    [
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, dtype=np.float16),
            "dtype float16 is not supported",
        ),
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=16777217, dtype=np.float32),
            "float32 does not hold the code 16777217",
        ),
    ],
)
def test_what_a_graph_cannot_do_exactly_is_refused(
    table: Any, target: Any, schema: Any, encoder: Any, reason: str
) -> None:
    pipeline = over(encoder, TEXT, boosted=False)
    train = table(missing=False)
    pipeline.fit(train, target(train))
    with pytest.raises(ConversionError, match=reason) as refusal:
        convert(pipeline, schema(train))
    assert str(refusal.value).startswith(f"step 'encode__cells' ({type(encoder).__name__}) cannot become ONNX: ")


def test_an_empty_string_among_the_categories_is_refused(schema: Any) -> None:
    train = pd.DataFrame({"city": ["", "Lyon"] * 5}, dtype=object)
    pipeline = over(OneHotEncoder(handle_unknown="ignore"), ["city"]).fit(train, np.arange(10))
    with pytest.raises(ConversionError, match="'' is among its categories; fit it on"):
        convert(pipeline, schema(train))


def test_numbers_under_a_string_feature_are_refused(schema: Any) -> None:
    train = pd.DataFrame({"code": [1, 2] * 5}, dtype=object)
    pipeline = over(OneHotEncoder(handle_unknown="ignore"), ["code"]).fit(train, np.arange(10))
    with pytest.raises(ConversionError, match="1 is among its categories, where the schema's feature is a string"):
        convert(pipeline, schema(train))


@pytest.mark.parametrize("missing", [np.nan, None])
def test_missing_text_is_what_it_was_in_training(parity: Callable[..., None], missing: Any) -> None:
    train = pd.DataFrame({"city": pd.Series(["Lyon", missing, "Zürich", missing] * 5, dtype=object)})
    parity(over(OneHotEncoder(handle_unknown="ignore"), ["city"]).fit(train, np.arange(20)), train)


def test_two_kinds_of_missing_text_are_refused(schema: Any) -> None:
    train = pd.DataFrame({"city": pd.Series(["Lyon", None, np.nan] * 5, dtype=object)})
    pipeline = over(OneHotEncoder(handle_unknown="ignore"), ["city"]).fit(train, np.arange(15))
    with pytest.raises(ConversionError, match="None and NaN are both among its categories"):
        convert(pipeline, schema(train))


RARE = {
    "frequency": {"min_frequency": 25},
    "share": {"min_frequency": 0.12},
    "count": {"max_categories": 3},
    "both": {"min_frequency": 10, "max_categories": 2},
    "all": {"max_categories": 1},
    "none": {"min_frequency": 1},
}


@pytest.mark.parametrize("rare", RARE)
@pytest.mark.parametrize("unknown", ["ignore", "infrequent_if_exist"])
@pytest.mark.parametrize("missing", [True, False])
def test_one_hot_with_infrequent_categories(
    parity: Callable[..., None], table: Any, target: Any, rare: str, unknown: str, missing: bool
) -> None:
    train = table(missing=missing)
    encoder = OneHotEncoder(handle_unknown=unknown, **RARE[rare])
    pipeline = over(encoder, ["visits", *TEXT]).fit(train, target(train))
    parity(pipeline, table(seed=1, unseen=True))


@pytest.mark.parametrize("drop", ["first", "if_binary"])
@pytest.mark.filterwarnings("ignore:Found unknown categories")
def test_one_hot_that_drops_a_category_after_grouping(
    parity: Callable[..., None], table: Any, target: Any, drop: str
) -> None:
    train = table(missing=False)
    encoder = OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=2, drop=drop)
    parity(over(encoder, TEXT).fit(train, target(train)), table(seed=1, unseen=True))


@pytest.mark.parametrize("rare", RARE)
@pytest.mark.parametrize("missing", [np.nan, None])
def test_ordinal_with_infrequent_categories(
    parity: Callable[..., None], table: Any, target: Any, rare: str, missing: Any
) -> None:
    """NaN is never infrequent to OrdinalEncoder, None may be."""
    train, served = (one.where(one.notna(), missing) for one in (table(), table(seed=1, unseen=True)))
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, **RARE[rare])
    parity(over(encoder, [*TEXT, "visits"], boosted=True).fit(train, target(table())), served)


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_target_encoder(parity: Callable[..., None], table: Any, target: Any, classes: int) -> None:
    train = table(400)
    model = LogisticRegression() if classes else LinearRegression()
    encoder = ColumnTransformer([("cells", TargetEncoder(), ["visits", *TEXT])])
    pipeline = Pipeline([("encode", encoder), ("model", model)]).fit(train, target(train, classes=classes))
    parity(pipeline, table(seed=1, unseen=True))
