"""Expressions as a step of a pipeline of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from model_export.transformers.expression_trees import FUNCTIONS, NEGATIVE, OPERATORS, SQUARE
from model_export.transformers.expressions import OPERATIONS, Expressions

FRAME = pd.DataFrame({"city": ["a", "b", None], "price": [6.0, 1.0, np.nan], "area": [2.0, 0.0, 4.0]}, index=[7, 3, 5])


def computed(text: str, frame: pd.DataFrame = FRAME) -> list[float]:
    result: list[float] = Expressions({"found": text}).fit_transform(frame)["found"].tolist()
    return result


def test_columns_are_added_behind_those_of_the_frame() -> None:
    found = Expressions({"ratio": "price / area", "twice": "ratio * 2"}).fit_transform(FRAME)
    assert list(found) == ["city", "price", "area", "ratio", "twice"]
    assert found.index.tolist() == [7, 3, 5]
    assert found["city"].tolist()[:2] == ["a", "b"]
    np.testing.assert_array_equal(found["ratio"], [3.0, np.inf, np.nan])
    np.testing.assert_array_equal(found["twice"], [6.0, np.inf, np.nan])


def test_the_new_columns_alone_may_be_left() -> None:
    step = Expressions({"ratio": "price / area"}, keep_columns=False).fit(FRAME)
    assert list(step.transform(FRAME)) == ["ratio"]
    assert step.get_feature_names_out().tolist() == ["ratio"]
    assert Expressions({"r": "area"}).fit(FRAME).get_feature_names_out().tolist() == [*FRAME, "r"]


def test_an_array_has_columns_by_number_and_stays_an_array() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 0.0]])
    np.testing.assert_array_equal(Expressions({"r": "x0 / x1"}).fit_transform(rows), [[1, 2, 0.5], [3, 0, np.inf]])
    np.testing.assert_array_equal(Expressions({"r": "x1"}, keep_columns=False).fit_transform(rows), [[2], [0]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("area == 0", [0, 1, 0]),
        ("price < 3", [0, 1, 0]),
        ("price != price", [0, 0, 1]),
        ("isnan(price)", [0, 0, 1]),
        ("where(isnan(price), 0, price)", [6, 1, 0]),
        ("where(area == 0, -1, price / area)", [3, -1, np.nan]),
        ("-price % 4", [2, 3, np.nan]),
        ("log(area - 2)", [-np.inf, np.nan, np.log(2)]),
        ("0 / area", [0, np.nan, 0]),
        ("maximum(price, area)", [6, 1, np.nan]),
        ("sqrt(area) ** 2 + area ** 3", [10, 0, 68]),
    ],
)
def test_numbers_are_those_of_numpy(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(computed(text), expected, rtol=1e-15)


@pytest.mark.parametrize(
    "column",
    [[1, 2], [True, False], pd.array([1, None], dtype="Int64"), pd.Series([1.5, None], dtype=object)],
    ids=["integers", "booleans", "integers with missing ones", "objects"],
)
def test_columns_of_numbers_of_any_type_are_read(column: Any) -> None:
    expected = np.array([np.nan if value is None or value is pd.NA else float(value) for value in column])
    np.testing.assert_array_equal(computed("a + 1", pd.DataFrame({"a": column})), expected + 1)


@pytest.mark.parametrize(
    ("expressions", "reason"),
    [
        ({}, "has no expression"),
        ({"a": "price +"}, "cannot be read"),
        ({"a": "height / area"}, "reads height; the columns are city, price, area, day"),
        ({"a": "b + 1", "b": "area"}, "reads b; the columns are"),
        ({"a": "a + 1"}, "reads a; the columns are"),
        ({"price": "area + 1"}, "'price' has the name of a column; give it another"),
        ({"a": "city + 1"}, "'city', which holds texts"),
        ({"a": "day + 1"}, "'day', which holds dates"),
    ],
)
def test_what_cannot_be_computed_is_refused_when_it_is_fitted(expressions: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        Expressions(expressions).fit(FRAME.assign(day=pd.Timestamp("2024-02-29")))
    assert reason in str(refusal.value)


def test_it_is_a_step_in_front_of_others_and_among_them() -> None:
    rows, target = FRAME.assign(price=[6.0, 1.0, 2.0], area=[2.0, 1.0, 4.0]), [1.0, 2.0, 3.0]
    encoder = (OneHotEncoder(handle_unknown="ignore"), ["city"])
    front = make_pipeline(
        Expressions({"ratio": "price / area"}),
        make_column_transformer(encoder, ("passthrough", ["ratio"])),
        LinearRegression(),
    )
    ratio = Expressions({"ratio": "price / area"}, keep_columns=False)
    among = make_pipeline(make_column_transformer(encoder, (ratio, ["price", "area"])), LinearRegression())
    found = [clone(pipeline).fit(rows, target).predict(rows) for pipeline in (front, among)]
    np.testing.assert_allclose(found[0], found[1])


def test_every_operation_of_the_grammar_is_computed() -> None:
    assert OPERATIONS.keys() == {*OPERATORS.values(), *FUNCTIONS, NEGATIVE, SQUARE}
