"""Gradient boosting equals scikit-learn: losses, missing values, native categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from tests.generated import examples

NUMBERS = ["income", "age", "visits"]
SMALL = {"max_iter": 15, "min_samples_leaf": 5, "random_state": 0}


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "poisson", "gamma"])
@pytest.mark.parametrize("missing", [True, False])
def test_histogram_regression(parity: Callable[..., None], table: Any, target: Any, loss: str, missing: bool) -> None:
    train = table(300, missing=missing)
    model = HistGradientBoostingRegressor(loss=loss, **SMALL).fit(train[NUMBERS], target(train))
    parity(model, table(300, seed=1)[NUMBERS])


@pytest.mark.parametrize("classes", [2, 4])
def test_histogram_classification(parity: Callable[..., None], table: Any, target: Any, classes: int) -> None:
    train = table(300)
    model = HistGradientBoostingClassifier(**SMALL).fit(train[NUMBERS], target(train, classes=classes))
    parity(model, table(300, seed=1)[NUMBERS])


def test_histogram_trees_compare_in_double(parity: Callable[..., None]) -> None:
    x = 16777216.0 + np.repeat(np.arange(4.0), 20)
    model = HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=1).fit(pd.DataFrame({"x": x}), x % 2)
    parity(model, pd.DataFrame({"x": [*x[::20], *(x[::20] + 0.5), np.nan]}))


@pytest.mark.parametrize("loss", ["squared_error", "huber", "quantile"])
@pytest.mark.parametrize("init", [None, "zero"])
def test_exact_regression(parity: Callable[..., None], table: Any, target: Any, loss: str, init: str | None) -> None:
    train = table(missing=False)
    model = GradientBoostingRegressor(loss=loss, init=init, n_estimators=15, random_state=0)
    parity(model.fit(train[NUMBERS], target(train)), table(seed=1, missing=False)[NUMBERS])


@pytest.mark.parametrize(("loss", "classes"), [("log_loss", 2), ("log_loss", 3), ("exponential", 2)])
def test_exact_classification(parity: Callable[..., None], table: Any, target: Any, loss: str, classes: int) -> None:
    train = table(missing=False)
    model = GradientBoostingClassifier(loss=loss, n_estimators=15, random_state=0)
    parity(model.fit(train[NUMBERS], target(train, classes=classes)), table(seed=1, missing=False)[NUMBERS])


@pytest.mark.parametrize("kind", [GradientBoostingClassifier, HistGradientBoostingClassifier])
def test_a_raw_score_of_zero_is_decided_as_each_estimator_does(parity: Callable[..., None], kind: Any) -> None:
    constant = pd.DataFrame({"x": np.zeros(10)})
    parity(kind().fit(constant, [0, 1] * 5), constant)


@given(
    cells=st.lists(
        st.tuples(st.one_of(st.just(float("nan")), st.integers(-3, 3).map(float)), st.integers(0, 1)),
        min_size=4,
        max_size=24,
    )
)
@examples(25, share_fixtures=True)
def test_any_small_table_boosts_alike(parity: Callable[..., None], cells: list[Any]) -> None:
    cells = [(0.0, 0), (1.0, 1), *cells]
    table = pd.DataFrame({"x": [row[0] for row in cells]})
    model = HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=1)
    parity(model.fit(table, [row[1] for row in cells]), pd.concat([table, pd.DataFrame({"x": [np.nan, 9.0]})]))


CATEGORIES = ["city", "plan"]


def as_category(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return frame.astype(dict.fromkeys(columns, "category"))


@pytest.mark.parametrize("missing", [True, False])
@pytest.mark.parametrize("how", ["names", "places", "mask", "dtype"])
def test_native_categories(parity: Callable[..., None], table: Any, target: Any, how: str, missing: bool) -> None:
    """Missing and unseen categories are in the rows that are compared."""
    train = table(400, missing=missing)
    chosen = {"names": CATEGORIES, "places": [0, 2], "mask": [True, False, True, False, False], "dtype": "from_dtype"}
    model = HistGradientBoostingRegressor(categorical_features=chosen[how], **SMALL)
    fitted = model.fit(as_category(train, CATEGORIES) if how == "dtype" else train, target(train))
    assert any(len(predictor.raw_left_cat_bitsets) for (predictor,) in fitted._predictors)
    parity(fitted, table(300, seed=1, unseen=True))


@pytest.mark.parametrize("classes", [2, 3])
def test_native_categories_of_numbers(parity: Callable[..., None], table: Any, target: Any, classes: int) -> None:
    train = table(400)
    columns = ["income", "visits", "age"]
    model = HistGradientBoostingClassifier(categorical_features=["visits"], **SMALL)
    served = table(200, seed=1)[columns]
    served.loc[:3, "visits"] = [7.0, -1.0, 0.5, np.nan]
    parity(model.fit(train[columns], target(train, classes=classes)), served)


@pytest.mark.parametrize("count", [40, 70, 255])
def test_many_native_categories(parity: Callable[..., None], count: int) -> None:
    """More than fit in one machine word."""
    rng = np.random.default_rng(0)
    codes = np.concatenate([np.arange(count), rng.integers(0, count, 3000)])
    train = pd.DataFrame({"code": pd.Series([f"c{code}" for code in codes], dtype=object)})
    model = HistGradientBoostingRegressor(categorical_features=["code"], max_iter=10, min_samples_leaf=2)
    rows = [f"c{code}" for code in range(count + 3)]
    parity(
        model.fit(train, rng.normal(size=count)[codes]), pd.DataFrame({"code": pd.Series([*rows, None], dtype=object)})
    )


def test_native_categories_behind_a_preparation(parity: Callable[..., None], table: Any, target: Any) -> None:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    prepared = ColumnTransformer([("text", encoder, CATEGORIES)], remainder="passthrough")
    model = HistGradientBoostingRegressor(categorical_features=[0, 1], **SMALL)
    parity(Pipeline([("prepare", prepared), ("model", model)]).fit(table(300), target(table(300))), table(seed=1))


@given(
    codes=st.lists(st.tuples(st.sampled_from(["a", "b", "é", "d"]), st.integers(0, 1)), min_size=4, max_size=24),
    served=st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "é", "d", "new"])), min_size=1, max_size=8),
)
@examples(25, share_fixtures=True)
def test_any_small_table_of_categories_boosts_alike(parity: Callable[..., None], codes: Any, served: Any) -> None:
    codes = [("a", 0), ("b", 1), *codes]
    train = pd.DataFrame({"x": pd.Series([one for one, _ in codes], dtype=object)})
    model = HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=1, categorical_features=["x"])
    parity(model.fit(train, [label for _, label in codes]), pd.DataFrame({"x": pd.Series(served, dtype=object)}))


def test_text_that_is_no_category_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(100, missing=False)
    model = HistGradientBoostingRegressor(categorical_features=["visits"]).fit(train[NUMBERS], target(train))
    spelled = train[NUMBERS].assign(age=pd.Series(["old"] * 100, dtype=object))
    with pytest.raises(ConversionError, match=r"HistGradientBoostingRegressor.* it gets text"):
        convert(model, schema(spelled))
