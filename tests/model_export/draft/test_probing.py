"""Null and bounds that a fitted pipeline needs: found by asking it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from functions.core.schema import Feature, Schema, Table
from model_export.draft.probing import probed
from model_export.transformers.expressions import Expressions

FRAME = pd.DataFrame({"town": ["a", "b", "b", "a"] * 5, "m2": np.arange(20.0) + 30, "floor": np.arange(20.0) % 4})
TABLE: Table = {**{name: FRAME[name].tolist() for name in FRAME}, "rent": (FRAME.m2 * 10).tolist()}
SCHEMA = Schema(
    (Feature("town", "string"), Feature("m2", "number"), Feature("floor", "integer")), Feature("rent", "number")
)
ENCODED = (OneHotEncoder(handle_unknown="ignore"), ["town"])


def fitted(*transformers: Any) -> Any:
    columns = make_column_transformer(ENCODED, *transformers, remainder="passthrough")
    return make_pipeline(columns, LinearRegression()).fit(FRAME, TABLE["rent"])


def found(pipeline: Any, *imputed: str) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
    schema, notes = probed(pipeline, SCHEMA, TABLE, imputed)
    return {one.name: (one.nullable, one.minimum, one.maximum) for one in schema.features}, notes


FREE = (False, None, None)


def test_a_pipeline_that_answers_everywhere_changes_nothing() -> None:
    assert found(fitted()) == ({"town": FREE, "m2": FREE, "floor": FREE}, [])


def test_null_is_taken_where_an_imputer_reads_the_column() -> None:
    """The fare of a passenger is missing in the table to predict alone."""
    features, notes = found(fitted((SimpleImputer(), ["m2"])), "m2")
    assert features == {"town": FREE, "m2": (True, None, None), "floor": FREE}
    assert notes == ["null is taken, because the pipeline imputes it: m2"]


def test_null_is_not_taken_where_something_else_reads_the_column_too() -> None:
    pipeline = fitted((SimpleImputer(), ["m2"]), ("passthrough", ["m2"]), (SimpleImputer(), ["floor"]))
    assert found(pipeline, "m2", "floor")[0] == {"town": FREE, "m2": FREE, "floor": (True, None, None)}


@pytest.mark.parametrize(("function", "minimum"), [(np.log1p, 0), (np.sqrt, 0), (np.log, 1)])
def test_a_function_that_ends_somewhere_gets_a_minimum(function: Any, minimum: float) -> None:
    near = FRAME.assign(m2=FRAME.m2 - 29)  # from 1 on
    pipeline = make_pipeline(
        make_column_transformer((FunctionTransformer(function), ["m2"]), remainder="drop"), LinearRegression()
    ).fit(near, TABLE["rent"])
    schema, notes = probed(pipeline, SCHEMA, {**TABLE, "m2": (near.m2 - 0).tolist()}, ())
    assert schema.features[1].minimum == (None if function is not np.log else minimum)
    assert bool(notes) is (function is np.log)
    lower = FRAME.assign(m2=FRAME.m2 - 29.5)  # from 0.5 on, and one less is negative
    schema, _ = probed(pipeline, SCHEMA, {**TABLE, "m2": lower.m2.tolist()}, ())
    assert schema.features[1].minimum == (0.5 if function is np.log else None if function is np.log1p else 0)


def test_the_bounds_are_whole_numbers_and_noted() -> None:
    features, notes = found(fitted((FunctionTransformer(np.sqrt), ["floor"])))
    assert features["floor"] == (False, 0, None)
    assert notes == ["floor gets minimum 0: the pipeline fails on numbers beyond; model.toml has it"]


def test_a_maximum_is_found_alike() -> None:
    pipeline = make_pipeline(make_column_transformer((FunctionTransformer(_below_60), ["m2"])), LinearRegression()).fit(
        FRAME, TABLE["rent"]
    )
    assert found(pipeline)[0]["m2"] == (False, None, 49)


def _below_60(x: Any) -> Any:
    return np.where(np.asarray(x) < 50, x, np.nan)


def test_trees_that_take_everything_are_left_alone() -> None:
    frame = FRAME[["m2", "floor"]]
    model = HistGradientBoostingRegressor(max_iter=2).fit(frame, TABLE["rent"])
    schema = Schema(SCHEMA.features[1:], SCHEMA.target)
    assert probed(model, schema, TABLE, ()) == (schema, [])


def test_several_targets_are_asked_together() -> None:
    columns = make_column_transformer(ENCODED, (SimpleImputer(), ["m2"]), remainder="passthrough")
    labels = np.column_stack([FRAME.m2 > 40, FRAME.floor]).astype(int)
    pipeline = make_pipeline(columns, RandomForestClassifier(3, random_state=0)).fit(FRAME, labels)
    schema = Schema(SCHEMA.features, (Feature("big", "integer"), Feature("level", "integer")))
    table = {**TABLE, "big": labels[:, 0].tolist(), "level": labels[:, 1].tolist()}
    found, notes = probed(pipeline, schema, table, ["m2"])
    assert [one.name for one in found.features if one.nullable] == ["m2"]
    assert notes == ["null is taken, because the pipeline imputes it: m2"]


@pytest.mark.parametrize(("shift", "bounds"), [(0, (1, None)), (-39.5, FREE[1:]), (-80, (None, -31))])
def test_a_column_that_an_expression_divides_by_stays_on_its_side_of_zero(
    shift: float, bounds: tuple[float | None, float | None]
) -> None:
    """Numbers on both sides of zero have no bound that keeps them: then the proof shows the row."""
    rows = FRAME.assign(m2=FRAME.m2 + shift)
    table: Table = {**{name: rows[name].tolist() for name in rows}, "rent": TABLE["rent"]}
    steps = Expressions({"each": "floor / m2"}), make_column_transformer(ENCODED, ("passthrough", ["each", "m2"]))
    pipeline = make_pipeline(*steps, LinearRegression()).fit(rows, TABLE["rent"])
    schema, _ = probed(pipeline, SCHEMA, table, ())
    m2 = schema.features[1]
    assert (m2.minimum, m2.maximum) == bounds
