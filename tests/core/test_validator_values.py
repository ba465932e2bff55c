"""Values of each type against their feature: bounds, lists and known levels."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from functions.core.near_names import normal
from functions.core.schema import Feature, Schema
from functions.core.validator import Validator
from tests.core.car_instances import SCHEMA, SOUND, VALIDATOR, accepts, faults_of, only


class TestIntegers:
    YEAR = Feature("year", "integer", minimum=1950, maximum=2100)
    COUNT = Feature("count", "integer")

    def test_integral_floats_are_integers(self) -> None:
        table = VALIDATOR.table([SOUND, {**SOUND, "year": 2015.0, "doors": 3.0}, {**SOUND, "doors": None}])
        assert table["year"] == [2014, 2015, 2014]
        assert table["doors"] == [5, 3, None]
        assert {type(value) for value in table["year"]} == {int}

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ("2014", "must be an integer, not a string"),
            (True, "must be an integer, not a boolean"),
            ([2014], "must be an integer, not an array"),
            ({"year": 2014}, "must be an integer, not an object"),
            (None, "must not be null"),
        ],
    )
    def test_other_types_are_refused(self, value: object, said: str) -> None:
        assert only(self.YEAR, value) == ("integer_type", said)

    @pytest.mark.parametrize("value", [2014.5, math.nan, math.inf, -math.inf])
    def test_other_floats_are_refused(self, value: float) -> None:
        assert only(self.YEAR, value) == ("int_from_float", "must be a whole number")

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (1949, ("greater_than_equal", "must be at least 1950")),
            (2101, ("less_than_equal", "must be at most 2100")),
            (-(10**400), ("greater_than_equal", "must be at least 1950")),
            (10**400, ("less_than_equal", "must be at most 2100")),
            (1e300, ("less_than_equal", "must be at most 2100")),
        ],
    )
    def test_bounds_are_checked_and_shown(self, value: float, expected: tuple[str, str]) -> None:
        assert only(self.YEAR, value) == expected

    @pytest.mark.parametrize("value", [1950, 2100])
    def test_bounds_belong_to_the_range(self, value: int) -> None:
        assert accepts(self.YEAR, value)

    def test_large_bounds_are_shown_in_full(self) -> None:
        assert only(Feature("x", "integer", maximum=1234567), 1234568)[1] == "must be at most 1234567"
        assert only(Feature("x", "number", maximum=1234567.5), 1234568)[1] == "must be at most 1234567.5"

    def test_without_bounds_what_float64_holds_exactly_is_accepted(self) -> None:
        assert accepts(self.COUNT, 2**53)
        assert accepts(self.COUNT, -(2**53))
        assert only(self.COUNT, 2**53 + 1) == ("less_than_equal", "must be at most 9007199254740992")
        assert only(self.COUNT, -(2**53) - 1) == ("greater_than_equal", "must be at least -9007199254740992")
        assert only(self.COUNT, 10**400)[0] == "less_than_equal"


class TestNumbers:
    KM = Feature("km", "number", minimum=0)
    ANY = Feature("any", "number")

    @pytest.mark.parametrize("value", [0, 0.0, -0.0, 5, 5.25, 10**300])
    def test_integers_and_floats_are_numbers(self, value: float) -> None:
        assert accepts(self.KM, value)

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ("5", "must be a number, not a string"),
            (False, "must be a number, not a boolean"),
            ([], "must be a number, not an array"),
            ({}, "must be a number, not an object"),
            (None, "must not be null"),
        ],
    )
    def test_other_types_are_refused(self, value: object, said: str) -> None:
        assert only(self.KM, value) == ("number_type", said)

    @pytest.mark.parametrize("feature", [KM, ANY])
    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_numbers_are_finite(self, feature: Feature, value: float) -> None:
        assert only(feature, value) == ("finite_number", "a number must be finite")

    @pytest.mark.parametrize("rest", [[1.0], [-1.0, 2.0], [5], []])
    def test_nan_is_found_wherever_it_stands(self, rest: list[float]) -> None:
        for place in range(len(rest) + 1):
            column = [*rest[:place], math.nan, *rest[place:]]
            (fault,) = faults_of(
                *({"any": one} for one in column), validator=Validator(Schema((self.ANY,), SCHEMA.target))
            )
            assert (fault.loc, fault.type) == ((place, "any"), "finite_number")

    def test_integers_beyond_every_float_are_refused(self) -> None:
        assert only(self.ANY, 10**400)[0] == "less_than_equal"
        assert only(self.ANY, -(10**400))[0] == "greater_than_equal"

    def test_a_bound_may_be_broken_by_a_hair(self) -> None:
        assert only(self.KM, -5e-324) == ("greater_than_equal", "must be at least 0")


class TestStrings:
    OWNER = SCHEMA.features[1]

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (1, "must be a string, not an integer"),
            (1.5, "must be a string, not a number"),
            (True, "must be a string, not a boolean"),
            (["First Owner"], "must be a string, not an array"),
            ({"owner": "First Owner"}, "must be a string, not an object"),
            (None, "must not be null"),
        ],
    )
    def test_other_types_are_refused(self, value: object, said: str) -> None:
        assert only(self.OWNER, value) == ("string_type", said)

    def test_an_empty_string_is_no_value(self) -> None:
        assert only(self.OWNER, "") == ("string_too_short", "must not be empty")
        nullable = replace(self.OWNER, nullable=True)
        assert only(nullable, "") == ("string_too_short", "must not be empty; send null for a missing value")
        assert not accepts(Feature("x", "string", nullable=True), "")

    @pytest.mark.parametrize(
        ("value", "level"),
        [
            ("first owner", "First Owner"),
            ("FIRST OWNER", "First Owner"),
            ("  First   Owner ", "First Owner"),
            ("FirstOwner", "First Owner"),
            ("First_Owner", "First Owner"),
            ("first-owner", "First Owner"),
            ("First\tOwner\n", "First Owner"),
            ("Test Drive Car", "Test_Drive Car"),
            ("test-drive_car", "Test_Drive Car"),
        ],
    )
    def test_another_spelling_of_a_level_is_refused_with_the_level(self, value: str, level: str) -> None:
        kind, said = only(self.OWNER, value)
        assert kind == "near_level"
        assert f"{level!r}" in said

    @pytest.mark.parametrize("value", ["First Owner", "Test_Drive Car", "Second Owner", "First Owners", "日本", " "])
    def test_levels_and_new_values_are_accepted(self, value: str) -> None:
        assert accepts(self.OWNER, value)

    @pytest.mark.parametrize(
        ("level", "value"), [("A-", "A"), ("A", "A-"), ("BBB-", "bbb"), ("-1", "1"), ("18-25", "1825"), ("1-8", "18")]
    )
    def test_a_value_that_differs_in_a_sign_is_another_one(self, level: str, value: str) -> None:
        assert accepts(Feature("x", "string", levels=(level,)), value)
        hint = f"; did you mean {level!r}?" if level == "18-25" else ""
        closed = only(Feature("x", "string", allowed=(level,)), value)
        assert closed == ("enum", f"{value!r} is not allowed; allowed: {level!r}{hint}")

    def test_casefolding_goes_beyond_ascii(self) -> None:
        assert only(Feature("x", "string", levels=("STRASSE",)), "straße")[0] == "near_level"
        assert only(Feature("x", "string", levels=("ñandú",)), "ÑANDÚ")[0] == "near_level"

    def test_both_of_two_near_levels_are_accepted(self) -> None:
        feature = Feature("x", "string", levels=("a b", "a-b"))
        assert accepts(feature, "a b")
        assert accepts(feature, "a-b")

    def test_a_long_value_is_cut_in_the_message(self) -> None:
        kind, said = only(Feature("x", "string", allowed=("a",)), "b" * 1000)
        assert kind == "enum"
        assert len(said) < 120


class TestAllowed:
    GEARBOX = Feature("gearbox", "string", allowed=("Manual", "semi-automatic"))
    DOORS = Feature("doors", "integer", allowed=(3, 5))

    def test_another_spelling_names_the_allowed_value(self) -> None:
        assert only(self.GEARBOX, "manual") == ("enum", "'manual' is not allowed; did you mean 'Manual'?")
        assert only(self.GEARBOX, "Semi Automatic")[1].endswith("did you mean 'semi-automatic'?")

    @pytest.mark.parametrize("value", ["Auto", "", " "])
    def test_any_other_value_names_the_list(self, value: str) -> None:
        assert only(self.GEARBOX, value) == ("enum", f"{value!r} is not allowed; allowed: 'Manual', 'semi-automatic'")

    @pytest.mark.parametrize("value", ["Manuel", "Mánual", "Manua"])
    def test_a_mistyped_value_names_the_list_and_what_was_meant(self, value: str) -> None:
        hints = "allowed: 'Manual', 'semi-automatic'; did you mean 'Manual'?"
        assert only(self.GEARBOX, value) == ("enum", f"{value!r} is not allowed; {hints}")

    @pytest.mark.parametrize("value", [4, -3, 10**400])
    def test_numbers_have_no_spelling(self, value: int) -> None:
        kind, said = only(self.DOORS, value)
        assert kind == "enum"
        assert said.endswith("is not allowed; allowed: 3, 5")

    @pytest.mark.parametrize("value", [True, "3", [3], None])
    def test_the_type_is_checked_first(self, value: object) -> None:
        assert only(self.DOORS, value)[0] == "integer_type"

    def test_integral_floats_count(self) -> None:
        assert accepts(self.DOORS, 3.0)
        assert only(self.DOORS, 3.5)[0] == "int_from_float"

    @pytest.mark.parametrize("value", [0.5, 1, 1.0])
    def test_numbers_are_compared_by_value(self, value: float) -> None:
        assert accepts(Feature("x", "number", allowed=(0.5, 1)), value)

    @pytest.mark.parametrize("value", [math.nan, math.inf, 0.25])
    def test_other_numbers_are_refused(self, value: float) -> None:
        assert only(Feature("x", "number", allowed=(0.5, 1)), value)[0] == "enum"


@pytest.mark.parametrize("value", [" a-B_c\t", "ABC", "a b c", "A__b--C"])
def test_spellings_of_one_level_are_normal_alike(value: str) -> None:
    assert normal(value) == "abc"
