"""Expressions of columns in the graph, against numpy on hostile numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema
from functions.predictors.by_task import open_graph_predictor
from model_export.pipelines.convert import convert, export
from model_export.pipelines.convert.expressions import OPERATIONS, expressions
from model_export.pipelines.convert.graph import Tensor
from model_export.transformers import expressions as transformers
from model_export.transformers.expression_trees import FUNCTIONS
from model_export.transformers.expressions import Expressions
from tests.generated import examples
from tests.model_export.pipelines.convert.small_graph import evaluate

NUMBERS = [0.0, -0.0, 1.0, -1.0, 2.5, -7.0, 1e-300, 5e-324, 1e300, -1e300, 3.0, 0.1, np.inf, -np.inf, np.nan]
PAIRS = np.array([[left, right] for left in NUMBERS for right in NUMBERS])
EVERY = [
    *(f"a {name} b" for name in ("+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "==", "!=")),
    *(f"{name}({', '.join('aba'[:count])})" for name, count in FUNCTIONS.items()),
    "-a",
    "a ** 2",
    "a ** 0.5",
    "2 ** a",
    "where(a > b, a, -1)",
]


def _found(step: Any, rows: Any) -> Any:
    places = [step.names_in_.index(name) for name in step.columns_read_]
    (found,) = evaluate(lambda graph, x: expressions(graph, step, [Tensor(x, is_string=False)]), rows[:, places])
    return found


@pytest.mark.parametrize("text", EVERY)
def test_an_operation_is_numpys_at_every_edge(text: str) -> None:
    frame = pd.DataFrame(PAIRS, columns=["a", "b"])
    step = Expressions({"found": text}, keep_columns=False)
    np.testing.assert_allclose(_found(step.fit(frame), PAIRS), step.transform(frame), rtol=1e-13, atol=1e-320)


ATOMS = st.sampled_from(["a", "b", "c", "2", "0.5", "-3"])
TREES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "<", ">=", "=="]), inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "log1p", "sqrt", "floor", "isnan"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["minimum", "maximum"]), inner, inner),
        st.builds("where({}, {}, {})".format, inner, inner, inner),
    ),
    max_leaves=8,
)


@examples(60)
@given(TREES, st.lists(st.tuples(*[st.sampled_from([-2.0, 0.0, 0.5, 3.0, np.nan])] * 3), min_size=1, max_size=5))
def test_any_expression_is_numpys(text: str, rows: list[tuple[float, ...]]) -> None:
    step = Expressions({"one": f"{text} + 0 * a", "two": "one * c + b"}, keep_columns=False)
    frame = pd.DataFrame(rows, columns=["a", "b", "c"])
    np.testing.assert_allclose(_found(step.fit(frame), frame.to_numpy()), step.transform(frame), rtol=1e-9, atol=1e-13)


def _table(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "city": random.choice(["Lugo", "Soria", "Ávila"], rows),
            "area": random.uniform(20, 200, rows),
            "note": random.choice(["good flat", "bad view", "good view"], rows),
            "price": random.uniform(100, 900, rows),
        }
    )
    is_missing = random.random(frame.shape) < [[0.1, 0.1, 0.0, 0.1]]
    return frame.astype({"city": object, "note": object}).mask(is_missing)


TRAIN, SERVED = _table(150, 0), _table(200, 1)
TARGET = (TRAIN["price"] / TRAIN["area"]).fillna(3.0).to_numpy()
RATIOS = {"ratio": "price / area", "root": "log1p(area) + sqrt(price)", "is_large": "area > 100"}
ENCODED = (OneHotEncoder(handle_unknown="ignore"), ["city"])
PIPELINES: dict[str, Callable[[], Any]] = {
    "in front": lambda: make_pipeline(
        Expressions(RATIOS),
        make_column_transformer(ENCODED, (SimpleImputer(), ["ratio", "price", "root"]), ("passthrough", ["is_large"])),
        LinearRegression(),
    ),
    "in front and alone": lambda: make_pipeline(
        Expressions(RATIOS, keep_columns=False), HistGradientBoostingRegressor(max_iter=5)
    ),
    "twice in front": lambda: make_pipeline(
        Expressions({"ratio": "price / area"}),
        Expressions({"double": "ratio * 2"}),
        make_column_transformer(ENCODED, (SimpleImputer(), ["double", "area"])),
        RandomForestRegressor(5, random_state=0),
    ),
    "among others": lambda: make_pipeline(
        make_column_transformer(
            ENCODED,
            (make_pipeline(Expressions(RATIOS), SimpleImputer(), StandardScaler()), ["price", "area"]),
            (make_pipeline(SimpleImputer(), Expressions({"sum": "x0 + x1"}, keep_columns=False)), ["area", "price"]),
        ),
        LinearRegression(),
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_with_expressions_converts(name: str, parity: Callable[..., None]) -> None:
    columns = ["city", "area", "price"]
    columns = columns[1:] if name == "in front and alone" else columns
    parity(PIPELINES[name]().fit(TRAIN[columns], TARGET), SERVED[columns])


def test_texts_are_read_past_expressions_in_front() -> None:
    pipeline = make_pipeline(
        Expressions({"ratio": "price / area"}),
        make_column_transformer((TfidfVectorizer(), "note"), (SimpleImputer(), ["ratio"])),
        LinearRegression(),
    ).fit(TRAIN[["area", "note", "price"]], TARGET)
    features = [Feature(name, "number", nullable=True) for name in ("area", "price")]
    schema = Schema((features[0], Feature("note", "string", categorical=False), features[1]), Feature("y", "number"))
    predictor = open_graph_predictor("tabular-regression", export("tabular-regression", pipeline, schema), schema, [])
    table = {name: [None if value != value else value for value in SERVED[name]] for name in schema.feature_names}
    expected = pipeline.predict(SERVED[["area", "note", "price"]])
    np.testing.assert_allclose(predictor.run(table)[0].ravel(), expected, rtol=1e-9)


def test_an_expression_of_texts_is_refused(schema: Any) -> None:
    numbers = TRAIN[["area", "price"]].fillna(1.0)
    pipeline = make_pipeline(Expressions(RATIOS, keep_columns=False), LinearRegression()).fit(numbers, TARGET)
    with pytest.raises(ConversionError, match=r"step 'expressions' .Expressions.*it gets text"):
        convert(pipeline, schema(numbers.assign(area="x").astype({"area": object})))


def test_every_operation_has_its_nodes() -> None:
    assert OPERATIONS.keys() == transformers.OPERATIONS.keys()
