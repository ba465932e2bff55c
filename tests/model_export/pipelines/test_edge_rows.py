"""Edge rows: each feature at its edges, and never a value that the schema refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import InvalidInputError
from functions.core.model_folder import load_definitions
from functions.core.schema import Feature, Schema, Table
from functions.core.validator import Validator
from model_export.pipelines.edge_rows import TEXTS, UNSEEN_LEVELS, edge_rows
from model_export.training_files.rows import read_rows

ROOT = Path(__file__).resolve().parents[3]
TARGET = Feature("y", "number")
SCHEMA = Schema(
    features=(
        Feature("fuel", "string", nullable=True, levels=("Diesel", "Petrol")),
        Feature("gearbox", "string", allowed=("Manual", "Automatic")),
        Feature("year", "integer", minimum=1950, maximum=2100, observed=(1992.0, 2020.0)),
        Feature("km", "number", nullable=True, minimum=0, observed=(1.0, 500.0)),
    ),
    target=TARGET,
)
TABLE: Table = {
    "fuel": ["Diesel", "Petrol"],
    "gearbox": ["Manual", "Automatic"],
    "year": [2014, 1992],
    "km": [7.5, None],
    "y": [1.0, 2.0],
}
FIRST = {"fuel": "Diesel", "gearbox": "Manual", "year": 2014, "km": 7.5}


def rows_of(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def edges(feature: Feature, first: Any) -> list[Any]:
    schema = Schema((feature,), TARGET)
    return edge_rows(schema, {feature.name: [first], "y": [0.0]})[feature.name]


def test_columns_are_the_features_in_order() -> None:
    assert list(edge_rows(SCHEMA, TABLE)) == list(SCHEMA.feature_names)


def test_each_row_differs_from_the_first_in_one_feature_at_most() -> None:
    *singles, last = rows_of(edge_rows(SCHEMA, TABLE))
    assert all(sum(row[name] != FIRST[name] for name in FIRST) <= 1 for row in singles)
    assert last == {**FIRST, "fuel": None, "km": None}


def test_strings_are_missing_and_unseen() -> None:
    rows = edge_rows(SCHEMA, TABLE)["fuel"]
    assert {None, *UNSEEN_LEVELS} < set(rows)


def test_every_allowed_value_occurs() -> None:
    assert set(edge_rows(SCHEMA, TABLE)["gearbox"]) == {"Manual", "Automatic"}
    assert set(edges(Feature("x", "integer", nullable=True, allowed=(0, 1)), 0)) == {None, 0, 1}


def test_integers_reach_beyond_what_training_saw() -> None:
    found = edge_rows(SCHEMA, TABLE)["year"]
    assert {1991, 1992, 2020, 2021, 2100, 2006} < set(found)
    assert all(type(value) is int for value in found)


def test_numbers_stop_at_their_bounds() -> None:
    assert {None, 0, 1.0, 500.0, 501.0, 5000.0, 250.5} < set(edge_rows(SCHEMA, TABLE)["km"])


def test_a_feature_without_a_range_is_tried_around_zero_and_one() -> None:
    assert {-1.0, 0.0, 1.0, 2.0, 10.0, 0.5} <= set(edges(Feature("x", "number"), 3.0))


def test_no_row_of_all_missing_values_where_nothing_is_nullable() -> None:
    assert edges(Feature("x", "string"), "a") == list(UNSEEN_LEVELS)


def test_free_text_is_peculiar_text_as_well() -> None:
    assert edges(Feature("x", "string", categorical=False), "a") == [*UNSEEN_LEVELS, *TEXTS]


@pytest.mark.parametrize("feature", [Feature("x", "integer"), Feature("x", "number")])
def test_edges_beyond_what_a_column_can_hold_are_left_out(feature: Feature) -> None:
    widest = 2**53 if feature.type == "integer" else 1.7e308
    schema = Schema((feature,), TARGET).learn({"x": [-widest, widest], "y": [0, 1]})
    Validator(schema).check(edge_rows(schema, {"x": [0], "y": [0]}))


@pytest.mark.parametrize("name", ["car-price", "churn"])
def test_the_rows_of_the_repositorys_models_are_allowed_by_their_schemas(name: str) -> None:
    definition = load_definitions(ROOT / "models")[name]
    table = read_rows((definition.folder / "sample.csv").read_bytes(), "sample.csv", definition).table
    schema = definition.schema.learn(table)
    found = edge_rows(schema, table)
    Validator(schema).check(found)
    assert len(rows_of(found)) >= len(schema.features)


def test_a_value_that_breaks_the_schema_would_be_noticed() -> None:
    with pytest.raises(InvalidInputError):
        Validator(SCHEMA).check({**edge_rows(SCHEMA, TABLE), "gearbox": ["Other"]})


@st.composite
def learned(draw: st.DrawFn) -> tuple[Schema, Table]:
    low, high = sorted([draw(st.integers(-100, 100)), draw(st.integers(-100, 100))])
    bounds: dict[str, Any] = {
        "minimum": low if draw(st.booleans()) else None,
        "maximum": high if draw(st.booleans()) else None,
        "nullable": draw(st.booleans()),
    }
    features = (
        Feature("a", "integer", **bounds),
        Feature("b", "number", **bounds),
        Feature("c", "string", nullable=draw(st.booleans())),
        Feature("d", "datetime", minimum="1850-01-01", nullable=draw(st.booleans())),
        Feature("e", "datetime", time_zone="UTC", maximum="2100-01-01T00:00Z"),
    )
    moments = st.datetimes(datetime(1850, 1, 1), datetime(2100, 1, 1))
    table: Table = {
        "a": list(draw(st.lists(st.integers(low, high), min_size=2, max_size=2))),
        "b": list(draw(st.lists(st.floats(low, high), min_size=2, max_size=2))),
        "c": ["one", "two"],
        "d": list(draw(st.lists(moments, min_size=2, max_size=2))),
        "e": list(draw(st.lists(moments, min_size=2, max_size=2))),
        "y": [0.0, 1.0],
    }
    return Schema(features, TARGET).learn(table), table


@given(learned())
def test_only_allowed_values_are_used(drawn: tuple[Schema, Table]) -> None:
    schema, table = drawn
    Validator(schema).check(edge_rows(schema, table))


def test_dates_reach_beyond_training_and_over_the_whole_calendar() -> None:
    seen = Feature("when", "datetime", observed=("2024-02-28", "2024-12-31T23:59:59"))
    found = edges(seen, datetime(2024, 2, 28))
    near = [
        datetime(2024, 2, 27),
        datetime(2024, 2, 29),
        datetime(2024, 12, 30, 23, 59, 59),
        datetime(2025, 1, 1, 23, 59, 59),
    ]
    assert {datetime.min, datetime.max, datetime(1969, 12, 31, 23, 59, 59, 999_999), *near} <= set(found)
    bounded = edges(replace(seen, minimum="2024-02-28", maximum="2024-03-01"), datetime(2024, 2, 28))
    assert set(bounded) == {datetime(2024, 2, 28), datetime(2024, 2, 29), datetime(2024, 2, 29, 6)}
    ends = Feature("when", "datetime", observed=("0001-01-01", "9999-12-31T23:59:59.999999"))
    assert {datetime(1, 1, 2), datetime(9999, 12, 30, 23, 59, 59, 999_999)} <= set(edges(ends, datetime.min))


def test_a_boolean_is_both() -> None:
    schema = Schema((Feature("paid", "boolean", nullable=True),), Feature("y", "number"))
    assert edge_rows(schema, {"paid": [True]}) == {"paid": [None, False, True, None]}
