"""One feature over a whole column: the quick judgement, and the fault of each value, which always agree."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.column_check import LARGEST_EXACT_INTEGER, ColumnCheck, bounds, datetime_bounds, whole
from functions.core.errors import Fault
from functions.core.near_names import normal
from functions.core.schema import Feature

FEATURES = (
    Feature("a", "string"),
    Feature("a", "string", nullable=True, levels=("New York", "Lima")),
    Feature("a", "string", allowed=("yes", "no")),
    Feature("a", "integer"),
    Feature("a", "integer", nullable=True, minimum=-3, maximum=3),
    Feature("a", "number", maximum=1.5),
    Feature("a", "number", allowed=(0.5, 2)),
    Feature("a", "datetime", nullable=True),
    Feature("a", "datetime", minimum="2020-01-01", maximum="2026-06-30T12:00"),
    Feature("a", "datetime", time_zone="UTC", maximum="2026-06-30T12:00Z"),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**53, 2**53 + 1, 10**400, 0.5, 2.0, -0.0, 1e308, math.inf, math.nan, [1], {"a": 1}]),
    st.sampled_from(["2024-02-29", "2026-06-30 12:00", "2026-06-30T12:00Z", "2026-06-30T12:00-00:01", "2023-02-29"]),
    st.sampled_from([datetime(2020, 1, 1), datetime(1999, 12, 31, 23, 59)]),
    st.sampled_from(["", "yes", "YES", "Lima", "new-york", "New York", "é"]),
)


@given(st.sampled_from(FEATURES), st.lists(VALUES, min_size=1, max_size=5))
def test_a_column_passes_exactly_if_none_of_its_values_has_a_fault(feature: Feature, column: list[Any]) -> None:
    check = ColumnCheck(feature)
    is_sound = check.passes(column)  # may make integers and datetimes in place
    assert is_sound is (not list(check.faults(column)))


def test_integral_floats_of_an_integer_feature_become_integers_in_place() -> None:
    column: list[Any] = [2014.0, 2, None]
    assert ColumnCheck(Feature("year", "integer", nullable=True)).passes(column)
    assert [type(value) for value in column] == [int, int, type(None)]
    assert column == [2014, 2, None]


def test_texts_of_a_datetime_become_datetimes_in_place() -> None:
    column: list[Any] = ["2026-11-29", None, "2026-11-29T10:30", datetime(2020, 1, 1)]
    assert ColumnCheck(Feature("when", "datetime", nullable=True)).passes(column)
    assert column == [datetime(2026, 11, 29), None, datetime(2026, 11, 29, 10, 30), datetime(2020, 1, 1)]
    utc: list[Any] = ["2026-11-29T00:30+01:00"]
    assert ColumnCheck(Feature("when", "datetime", time_zone="UTC")).passes(utc)
    assert utc == [datetime(2026, 11, 28, 23, 30)]


def test_a_column_with_a_bad_datetime_stays_as_it_came() -> None:
    column: list[Any] = ["2026-11-29", "2026-02-30"]
    check = ColumnCheck(Feature("when", "datetime"))
    assert not check.passes(column)
    assert column == ["2026-11-29", "2026-02-30"]
    assert list(check.faults(column)) == [
        Fault((1, "when"), "'2026-02-30' is no day of the calendar", "datetime_parsing")
    ]


def test_each_bad_value_is_located_at_its_row() -> None:
    check = ColumnCheck(Feature("year", "integer", minimum=1950))
    assert list(check.faults([1950, "2014", 1949, None])) == [
        Fault((1, "year"), "must be an integer, not a string", "integer_type"),
        Fault((2, "year"), "must be at least 1950", "greater_than_equal"),
        Fault((3, "year"), "must not be null", "integer_type"),
    ]


@pytest.mark.parametrize(
    ("feature", "value", "msg"),
    [
        (Feature("city", "string", levels=("New York",)), "new-york", "differs from the known 'New York' only in"),
        (Feature("city", "string", allowed=("yes", "no")), "YES", "'YES' is not allowed; did you mean 'yes'?"),
        (Feature("city", "string", allowed=("yes", "no")), "maybe", "allowed: 'yes', 'no'"),
        (Feature("city", "string", allowed=("yes",)), "x" * 200, f"'{'x' * 56}... is not allowed"),
        (Feature("city", "string", nullable=True), "", "must not be empty; send null for a missing value"),
        (Feature("when", "datetime", nullable=True), "", "must not be empty; send null for a missing value"),
        (Feature("when", "datetime"), 1764374400, "must be a date and time in text, not an integer"),
        (Feature("when", "datetime"), "29/11/2026", "no date and time in ISO 8601, such as 2026-11-29 or"),
        (Feature("when", "datetime", minimum="2020-01-01"), "2019-12-31T23:59", "must be at least 2020-01-01"),
        (Feature("when", "datetime", maximum="2020-01-01T12:00"), "2020-01-02", "must be at most 2020-01-01T12:00:00"),
        (
            Feature("when", "datetime", time_zone="UTC", maximum="2020-01-01T12:00+01:00"),
            "2020-01-01T11:00:00.000001Z",
            "must be at most 2020-01-01T11:00:00Z",
        ),
    ],
)
def test_a_fault_says_what_would_be_right(feature: Feature, value: Any, msg: str) -> None:
    (fault,) = ColumnCheck(feature).faults([value])
    assert msg in fault.msg


def test_a_level_that_was_never_seen_and_is_near_to_none_passes() -> None:
    assert ColumnCheck(Feature("city", "string", levels=("Lima",))).passes(["Lima", "Quito"])


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        (Feature("a", "integer"), (-LARGEST_EXACT_INTEGER, LARGEST_EXACT_INTEGER)),
        (Feature("a", "number"), (-1.7976931348623157e308, 1.7976931348623157e308)),
        (Feature("a", "number", minimum=0), (0, 1.7976931348623157e308)),
        (Feature("a", "integer", minimum=1, maximum=2), (1, 2)),
    ],
)
def test_bounds_are_the_own_ones_or_the_limits_of_float64(feature: Feature, expected: tuple[float, float]) -> None:
    assert bounds(feature) == expected


def test_bounds_of_a_datetime_are_the_own_ones_or_the_years_from_1_to_9999() -> None:
    assert datetime_bounds(Feature("a", "datetime")) == (datetime.min, datetime.max)
    bounded = Feature("a", "datetime", minimum="2020-01-01", maximum="2020-01-01 00:00:00.5")
    assert datetime_bounds(bounded) == (datetime(2020, 1, 1), datetime(2020, 1, 1, 0, 0, 0, 500_000))


@pytest.mark.parametrize(
    ("value", "text"), [("New_York ", "newyork"), ("STRASSE", "strasse"), ("ß", "ss"), (1.5, "1.5")]
)
def test_levels_look_alike_without_case_and_separators(value: object, text: str) -> None:
    assert normal(value) == text


def test_only_integral_floats_become_integers() -> None:
    assert [type(whole(value)) for value in (2.0, 2.5, 2, True, "2.0")] == [int, float, int, bool, str]
    assert whole(math.inf) == math.inf
