"""One feature over a whole column: the quick judgement, and the fault of each value, which always agree."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.column_check import LARGEST_EXACT_INTEGER, ColumnCheck, bounds, normal, whole
from functions.core.errors import Fault
from functions.core.schema import Feature

FEATURES = (
    Feature("a", "string"),
    Feature("a", "string", nullable=True, levels=("New York", "Lima")),
    Feature("a", "string", allowed=("yes", "no")),
    Feature("a", "integer"),
    Feature("a", "integer", nullable=True, minimum=-3, maximum=3),
    Feature("a", "number", maximum=1.5),
    Feature("a", "number", allowed=(0.5, 2)),
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**53, 2**53 + 1, 10**400, 0.5, 2.0, -0.0, 1e308, math.inf, math.nan, [1], {"a": 1}]),
    st.sampled_from(["", "yes", "YES", "Lima", "new-york", "New York", "é"]),
)


@given(st.sampled_from(FEATURES), st.lists(VALUES, min_size=1, max_size=5))
def test_a_column_passes_exactly_if_none_of_its_values_has_a_fault(feature: Feature, column: list[Any]) -> None:
    check = ColumnCheck(feature)
    is_sound = check.passes(column)  # may make integers in place
    assert is_sound is (not list(check.faults(column)))


def test_integral_floats_of_an_integer_feature_become_integers_in_place() -> None:
    column: list[Any] = [2014.0, 2, None]
    assert ColumnCheck(Feature("year", "integer", nullable=True)).passes(column)
    assert [type(value) for value in column] == [int, int, type(None)]
    assert column == [2014, 2, None]


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
    ],
)
def test_a_fault_says_what_would_be_right(feature: Feature, value: str, msg: str) -> None:
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


@pytest.mark.parametrize(
    ("value", "text"), [("New_York ", "newyork"), ("STRASSE", "strasse"), ("ß", "ss"), (1.5, "1.5")]
)
def test_levels_look_alike_without_case_and_separators(value: object, text: str) -> None:
    assert normal(value) == text


def test_only_integral_floats_become_integers() -> None:
    assert [type(whole(value)) for value in (2.0, 2.5, 2, True, "2.0")] == [int, float, int, bool, str]
    assert whole(math.inf) == math.inf
