"""Warnings: only for unusual values, each at its row."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.datetimes import TimeZone
from functions.core.errors import Fault
from functions.core.input_warnings import InputWarnings
from functions.core.schema import Feature, Schema, Table

SCHEMA = Schema(
    features=(
        Feature("fuel", "string", nullable=True, levels=("Diesel", "Petrol")),
        Feature("year", "integer", observed=(2000.0, 2020.0)),
        Feature("km", "number", nullable=True, observed=(1.0, 806599.5)),
        Feature("gearbox", "string", nullable=True, allowed=("Manual", "Automatic")),
        Feature("title", "string", categorical=False),
        Feature("doors", "integer"),
        Feature("sold", "datetime", nullable=True, observed=("2020-01-01", "2026-11-29T10:30:00")),
        Feature("seen", "datetime", time_zone="UTC", observed=("2020-01-01T00:00:00Z", "2026-11-29T10:30:00Z")),
    ),
    target=Feature("price", "number"),
)
USUAL: dict[str, Any] = {
    "fuel": "Diesel",
    "year": 2010,
    "km": 5.0,
    "gearbox": "Manual",
    "title": "any text",
    "doors": 4,
    "sold": datetime(2020, 1, 1),
    "seen": datetime(2026, 11, 29, 10, 30),
}


def warnings_of(*rows: dict[str, Any]) -> list[list[Fault]]:
    whole = [{**USUAL, **row} for row in rows]
    return InputWarnings(SCHEMA).of({name: [row[name] for row in whole] for name in USUAL})


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"fuel": "Petrol"},
        {"year": 2000},
        {"year": 2020},
        {"km": 1},
        {"km": 806599.5},
        {"title": "never seen before"},
        {"doors": 10**9},
        {"gearbox": "Automatic"},
        {"sold": datetime(2026, 11, 29, 10, 30)},
        {"sold": datetime(2020, 1, 1)},
    ],
)
def test_what_training_saw_gives_no_warning(row: dict[str, Any]) -> None:
    assert warnings_of(row) == [[]]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"fuel": None}, Fault(("fuel",), "missing: the pipeline imputes it", "missing_value")),
        ({"km": None}, Fault(("km",), "missing: the pipeline imputes it", "missing_value")),
        ({"gearbox": None}, Fault(("gearbox",), "missing: the pipeline imputes it", "missing_value")),
        ({"fuel": "Steam"}, Fault(("fuel",), "'Steam' was never seen in training", "unseen_level")),
        (
            {"fuel": "Dieseel"},
            Fault(("fuel",), "'Dieseel' was never seen in training; did you mean 'Diesel'?", "unseen_level"),
        ),
        (
            {"fuel": "Pétrol"},
            Fault(("fuel",), "'Pétrol' was never seen in training; did you mean 'Petrol'?", "unseen_level"),
        ),
        ({"year": 1999}, Fault(("year",), "1999 is outside the training range 2000 to 2020", "out_of_range")),
        ({"year": 2021}, Fault(("year",), "2021 is outside the training range 2000 to 2020", "out_of_range")),
        ({"km": 0.5}, Fault(("km",), "0.5 is outside the training range 1 to 806599.5", "out_of_range")),
        ({"km": 806600.5}, Fault(("km",), "806600.5 is outside the training range 1 to 806599.5", "out_of_range")),
        ({"sold": None}, Fault(("sold",), "missing: the pipeline imputes it", "missing_value")),
        (
            {"sold": datetime(2019, 12, 31, 23, 59, 59, 999_999)},
            Fault(
                ("sold",),
                "2019-12-31T23:59:59.999999 is outside the training range 2020-01-01 to 2026-11-29T10:30:00",
                "out_of_range",
            ),
        ),
        (
            {"seen": datetime(2027, 1, 1)},
            Fault(
                ("seen",),
                "2027-01-01T00:00:00Z is outside the training range 2020-01-01T00:00:00Z to 2026-11-29T10:30:00Z",
                "out_of_range",
            ),
        ),
        ({"km": 1234567}, Fault(("km",), "1234567 is outside the training range 1 to 806599.5", "out_of_range")),
    ],
)
def test_what_is_unusual_is_named(row: dict[str, Any], expected: Fault) -> None:
    assert warnings_of(row) == [[expected]]


def test_each_row_has_its_own_warnings_in_schema_order() -> None:
    found = warnings_of({}, {"km": None, "fuel": "Steam", "year": 1999}, {"year": 2021}, {})
    assert [[fault.loc for fault in row] for row in found] == [[], [("fuel",), ("year",), ("km",)], [("year",)], []]


def test_a_feature_that_learned_nothing_warns_of_nothing_but_missing_values() -> None:
    schema = Schema((Feature("a", "string"), Feature("b", "number")), Feature("y", "number"))
    assert InputWarnings(schema).of({"a": ["x"], "b": [-1e9]}) == [[]]


cells = st.fixed_dictionaries(
    {},
    optional={
        "fuel": st.sampled_from([None, "Diesel", "Petrol", "Steam", "ñ", "Petrl"]),
        "year": st.integers(1990, 2030),
        "km": st.none() | st.floats(0, 2_000_000),
        "gearbox": st.sampled_from([None, "Manual"]),
        "sold": st.none() | st.datetimes(),
        "seen": st.datetimes(),
    },
)


@given(st.lists(cells, min_size=1, max_size=8))
def test_a_row_is_warned_of_as_if_it_came_alone(rows: list[dict[str, Any]]) -> None:
    assert warnings_of(*rows) == [warnings_of(row)[0] for row in rows]


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.floats(-5, 5), st.datetimes()), min_size=1, max_size=8),
    st.sampled_from(get_args(TimeZone)),
)
def test_training_rows_are_never_warned_of(rows: list[tuple[str, float, datetime]], zone: TimeZone) -> None:
    columns: dict[str, list[Any]] = {name: [row[place] for row in rows] for place, name in enumerate("abc")}
    table: Table = {**columns, "y": [0.0 for _ in rows]}
    features = (Feature("a", "string"), Feature("b", "number"), Feature("c", "datetime", time_zone=zone))
    learned = Schema(features, Feature("y", "number")).learn(table)
    assert InputWarnings(learned).of(table) == [[] for _ in rows]


def test_a_warning_of_one_row_is_no_warning_of_another() -> None:
    found = warnings_of(*({} for _ in range(3)), {"fuel": "Steam"}, {})
    found[3].append(found[3][0])
    assert list(map(len, found)) == [0, 0, 0, 2, 0]
