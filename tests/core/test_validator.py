"""Instances against a schema: every fault, where it is, and what to do."""

from __future__ import annotations

import difflib
import math
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.column_check import ColumnCheck
from functions.core.datetimes import TimeZone
from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.near_names import MOST_COMPARISONS, normal
from functions.core.schema import Feature, FeatureType, Schema
from functions.core.validator import ID_FAULT, ID_RANGE, Validator
from tests.generated import examples

SCHEMA = Schema(
    features=(
        Feature("fuel", "string", nullable=True, levels=("Diesel", "Petrol")),
        Feature("owner", "string", levels=("First Owner", "Test_Drive Car")),
        Feature("year", "integer", minimum=1950, maximum=2100),
        Feature("km_driven", "number", nullable=True, minimum=0),
        Feature("gearbox", "string", allowed=("Manual", "semi-automatic")),
        Feature("doors", "integer", nullable=True, allowed=(3, 5)),
    ),
    target=Feature("price", "number", minimum=1),
    id="key",
)
SOUND: dict[str, Any] = {
    "fuel": "Diesel",
    "owner": "First Owner",
    "year": 2014,
    "km_driven": 5.5,
    "gearbox": "Manual",
    "doors": 5,
}
VALIDATOR = Validator(SCHEMA)


def faults_of(*instances: Any, validator: Validator = VALIDATOR) -> list[Fault]:
    with pytest.raises(InvalidInputError) as caught:
        validator.table(instances)
    return list(caught.value.faults)


def accepts(feature: Feature, value: object) -> bool:
    try:
        Validator(Schema((feature,), SCHEMA.target)).table([{feature.name: value}])
    except InvalidInputError:
        return False
    return True


def only(feature: Feature, value: object) -> tuple[str, str]:
    """Type and message of the one fault of `value`."""
    (fault,) = faults_of({feature.name: value}, validator=Validator(Schema((feature,), SCHEMA.target)))
    assert fault.loc == (0, feature.name)
    return fault.type, fault.msg


def test_instances_become_columns_in_schema_order() -> None:
    second = {"gearbox": "semi-automatic", "owner": "New Owner", "year": 1950, "km_driven": 7, "fuel": None, "doors": 3}
    table = VALIDATOR.table([SOUND, second])
    assert list(table) == list(SCHEMA.feature_names)
    assert table == {
        "fuel": ["Diesel", None],
        "owner": ["First Owner", "New Owner"],
        "year": [2014, 1950],
        "km_driven": [5.5, 7],
        "gearbox": ["Manual", "semi-automatic"],
        "doors": [5, 3],
    }


def test_nullable_keys_may_be_left_out_of_some_rows() -> None:
    rows = [{name: value for name, value in SOUND.items() if name not in out} for out in (("fuel",), (), ("doors",))]
    table = VALIDATOR.table(rows)
    assert table["fuel"] == [None, "Diesel", "Diesel"]
    assert table["doors"] == [5, 5, None]


def test_no_instances_are_empty_columns() -> None:
    assert VALIDATOR.table([]) == {name: [] for name in SCHEMA.feature_names}


def test_a_schema_of_one_feature_is_no_special_case() -> None:
    validator = Validator(Schema((Feature("text", "string", nullable=True),), SCHEMA.target))
    assert validator.table([{"text": "ab"}, {}]) == {"text": ["ab", None]}
    faults = faults_of({"text": 1}, {"text": "a"}, {"txt": "a"}, validator=validator)
    assert [(fault.loc, fault.type) for fault in faults] == [
        ((0, "text"), "string_type"),
        ((2, "txt"), "extra_forbidden"),
    ]


def test_every_target_of_a_labelled_instance_is_required_and_may_be_sent_back_as_predicted() -> None:
    targets = (
        Feature("sold", "boolean"),
        Feature("doors", "integer", allowed=(3, 5)),
        Feature("name", "string", allowed=("a", "b")),
    )
    labelled = Validator(Schema((Feature("x", "number"),), targets), labelled=True)
    table = labelled.table([{"x": 1, "sold": "True", "doors": "3", "name": "a"}])
    assert table == {"x": [1], "sold": [True], "doors": [3], "name": ["a"]}
    faults = faults_of({"x": 1, "doors": "4", "name": "a"}, validator=labelled)
    assert [fault.loc for fault in faults] == [(0, "sold"), (0, "doors")]


def test_the_target_is_for_labelled_instances_alone() -> None:
    labelled = Validator(SCHEMA, labelled=True)
    assert labelled.table([{**SOUND, "price": 10}])["price"] == [10]
    (missing,) = faults_of(SOUND, validator=labelled)
    assert (missing.loc, missing.type) == ((0, "price"), "missing")
    (unknown,) = faults_of({**SOUND, "price": 10})
    assert (unknown.loc, unknown.type) == ((0, "price"), "extra_forbidden")


def test_the_instances_are_left_as_they_were() -> None:
    instance = {**SOUND, "year": 2014.0}
    VALIDATOR.table([instance])
    assert type(instance["year"]) is float


class TestShape:
    def test_a_missing_field_is_named(self) -> None:
        (fault,) = faults_of({name: value for name, value in SOUND.items() if name != "year"})
        assert fault == Fault((0, "year"), "field required", "missing")

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("Fuel", "fuel"),
            ("kmDriven", "km_driven"),
            ("km-driven", "km_driven"),
            (" YEAR ", "year"),
            ("Key", "key"),
            ("yéar", "year"),
            ("km_drivne", "km_driven"),
        ],
    )
    def test_an_unknown_field_is_refused_with_what_was_meant(self, name: str, meant: str) -> None:
        (fault,) = faults_of({**SOUND, name: 1})
        assert fault == Fault((0, name), f"unknown field; did you mean '{meant}'?", "extra_forbidden")

    @pytest.mark.parametrize(("known", "sent"), [("caf\u00e9", "cafe\u0301"), ("cafe\u0301", "caf\u00e9")])
    def test_a_field_in_another_unicode_form_is_shown_by_its_characters(self, known: str, sent: str) -> None:
        validator = Validator(Schema((Feature(known, "number", nullable=True),), Feature("price", "number")))
        with pytest.raises(InvalidInputError) as refusal:
            validator.table([{sent: 1}])
        (fault,) = refusal.value.faults
        assert fault.msg == f"unknown field; did you mean {known!a}, the same letters in another Unicode form?"

    def test_names_of_nearly_the_same_letters_are_looked_for_in_the_first_instance_alone(self) -> None:
        first, second = faults_of({**SOUND, "km_drivne": 1}, {**SOUND, "ownre": 1, "Fuel": 1})[::2]
        assert first.msg == "unknown field; did you mean 'km_driven'?"
        assert second == Fault((1, "ownre"), "unknown field", "extra_forbidden")

    def test_many_unknown_fields_of_many_features_are_compared_no_more_than_few(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        features = tuple(Feature(f"feature {number}", "number", nullable=True) for number in range(500))
        validator = Validator(Schema(features, SCHEMA.target))
        compared: list[str] = []
        matches = difflib.get_close_matches

        def counted(word: str, *others: Any, **options: Any) -> list[str]:
            compared.append(word)
            return matches(word, *others, **options)

        monkeypatch.setattr(difflib, "get_close_matches", counted)
        wrong = {f"featuer {number:03}": 1 for number in range(100)}
        faults = faults_of({**wrong, "Feature-7": 1}, wrong, validator=validator)
        assert compared == [f"featuer{number:03}" for number in range(MOST_COMPARISONS // 500 - 1)]
        assert faults[0].msg == "unknown field; did you mean 'feature 7'?"
        assert [fault.msg for fault in faults[-100:]] == ["unknown field"] * 100

    def test_an_unknown_field_like_no_other_has_no_suggestion(self) -> None:
        (fault,) = faults_of({**SOUND, "colour": "red"})
        assert fault == Fault((0, "colour"), "unknown field", "extra_forbidden")

    @pytest.mark.parametrize("instance", [None, 1, "text", True, 1.5, [], [SOUND], (("year", 1),)])
    def test_what_is_no_object_is_refused(self, instance: object) -> None:
        (fault,) = faults_of(SOUND, instance)
        assert fault == Fault((1,), "an instance is an object of feature names and values", "dict_type")

    def test_an_empty_object_lacks_every_required_field_in_schema_order(self) -> None:
        assert [(fault.loc, fault.type) for fault in faults_of({})] == [
            ((0, name), "missing") for name in ("owner", "year", "gearbox")
        ]

    def test_all_faults_of_all_rows_come_at_once_in_row_order(self) -> None:
        faults = faults_of({"b": 1, "a": 1}, SOUND, 7, {**SOUND, "key": []})
        assert [(fault.loc, fault.type) for fault in faults] == [
            ((0, "owner"), "missing"),
            ((0, "year"), "missing"),
            ((0, "gearbox"), "missing"),
            ((0, "a"), "extra_forbidden"),
            ((0, "b"), "extra_forbidden"),
            ((2,), "dict_type"),
            ((3, "key"), "id_type"),
        ]


class TestIds:
    @pytest.mark.parametrize("value", ["a", "", 7, 7.0, -(2**53), 2**53, None])
    def test_a_string_an_integer_or_nothing_is_an_id(self, value: object) -> None:
        assert VALIDATOR.table([{**SOUND, "key": value}])["year"] == [2014]

    @pytest.mark.parametrize("value", [1.5, True, 2**53 + 1, 2.0**54, -(10**30), [], {}, ["a"]])
    def test_anything_else_is_refused(self, value: object) -> None:
        (fault,) = faults_of({**SOUND, "key": value})
        assert fault == Fault((0, "key"), ID_FAULT, "id_type")

    def test_ids_are_echoed_in_the_order_of_the_rows(self) -> None:
        assert VALIDATOR.ids([{"key": "a"}, {}, {"key": 7}]) == ["a", None, 7]

    def test_there_are_none_where_no_instance_has_one(self) -> None:
        assert VALIDATOR.ids([{}, {"key": None}]) is None

    def test_there_are_none_without_an_id_in_the_schema(self) -> None:
        validator = Validator(Schema(SCHEMA.features, SCHEMA.target))
        assert validator.ids([{"key": "a"}]) is None
        (fault,) = faults_of({**SOUND, "key": "a"}, validator=validator)
        assert fault.type == "extra_forbidden"

    def test_the_id_is_no_column(self) -> None:
        assert "key" not in VALIDATOR.table([{**SOUND, "key": "a"}])


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


class TestManyFaults:
    def test_faults_of_values_are_listed_with_faults_of_shape(self) -> None:
        faults = faults_of({"fuel": 1, "year": "x"}, 5, {**SOUND, "doors": 4, "colour": "red"}, {**SOUND, "year": 0})
        assert [(fault.loc, fault.type) for fault in faults] == [
            ((0, "owner"), "missing"),
            ((0, "gearbox"), "missing"),
            ((0, "fuel"), "string_type"),
            ((0, "year"), "integer_type"),
            ((1,), "dict_type"),
            ((2, "colour"), "extra_forbidden"),
            ((2, "doors"), "enum"),
            ((3, "year"), "greater_than_equal"),
        ]

    def test_a_mixture_is_capped_in_row_order(self) -> None:
        bad = {**SOUND, "colour": "red", "year": 0}
        faults = faults_of(*[bad] * MAX_FAULTS, *[SOUND] * MAX_FAULTS)
        assert [fault.loc for fault in faults] == [
            (row, name) for row in range(MAX_FAULTS // 2) for name in ("colour", "year")
        ]

    def test_every_fault_comes_once_in_row_order_then_schema_order(self) -> None:
        faults = faults_of(
            {**SOUND, "year": "2014", "fuel": "diesel", "doors": 4},
            SOUND,
            {**SOUND, "owner": "", "km_driven": -1},
            {**SOUND, "fuel": 3},
        )
        assert [(fault.loc, fault.type) for fault in faults] == [
            ((0, "fuel"), "near_level"),
            ((0, "year"), "integer_type"),
            ((0, "doors"), "enum"),
            ((2, "owner"), "string_too_short"),
            ((2, "km_driven"), "greater_than_equal"),
            ((3, "fuel"), "string_type"),
        ]

    def test_the_first_thousand_by_row_are_listed(self) -> None:
        bad = {**SOUND, "fuel": 1, "year": "x"}
        faults = faults_of(*[SOUND] * 3, *[bad] * MAX_FAULTS, *[SOUND] * MAX_FAULTS)
        assert MAX_FAULTS == 1000
        assert [fault.loc for fault in faults] == [
            (row, name) for row in range(3, 3 + MAX_FAULTS // 2) for name in ("fuel", "year")
        ]

    def test_a_column_that_is_wrong_in_most_rows_is_one_fault(self) -> None:
        faults = faults_of(SOUND, *[{**SOUND, "year": "2014", "doors": 4}] * 799)
        assert [(fault.loc, fault.msg) for fault in faults] == [
            ((1, "year"), "must be an integer, not a string; so in 799 of 800 rows"),
            ((1, "doors"), "4 is not allowed; allowed: 3, 5; so in 799 of 800 rows"),
        ]

    def test_names_that_all_rows_lack_or_have_too_much_are_one_fault_each(self) -> None:
        row = {name: value for name, value in SOUND.items() if name != "year"}
        faults = faults_of(*[{**row, "colour": "red"}] * 799, {**row, "colour": "red", "size": 1, "fuel": 1})
        assert [(fault.loc, fault.msg) for fault in faults] == [
            ((0, "year"), "field required; so in all 800 rows"),
            ((0, "colour"), "unknown field; so in all 800 rows"),
            ((799, "size"), "unknown field"),
            ((799, "fuel"), "must be a string, not an integer"),
        ]

    def test_what_some_rows_lack_is_listed_for_each_with_what_is_null_in_others(self) -> None:
        without = {name: value for name, value in SOUND.items() if name != "year"}
        faults = faults_of(*[SOUND] * 20, without, {**SOUND, "year": None}, without)
        assert [(fault.loc, fault.type) for fault in faults] == [
            ((20, "year"), "missing"),
            ((21, "year"), "integer_type"),
            ((22, "year"), "missing"),
        ]

    def test_faults_of_shape_are_capped_too(self) -> None:
        assert [fault.loc for fault in faults_of(*[1] * (MAX_FAULTS + 1))] == [(row,) for row in range(MAX_FAULTS)]

    def test_a_thousand_are_not_cut(self) -> None:
        assert len(faults_of(*[{**SOUND, "year": 0}, SOUND] * MAX_FAULTS)) == MAX_FAULTS

    def test_the_text_names_the_first_and_counts_the_others(self) -> None:
        with pytest.raises(InvalidInputError, match=r"^1\.year: must be at least 1950 \(and 1 more\)$"):
            VALIDATOR.table([SOUND, {**SOUND, "year": 0, "doors": 4}])


def test_columns_are_checked_as_instances_are() -> None:
    table = VALIDATOR.table([SOUND, SOUND])
    table["year"] = [2014.0, 1900]
    with pytest.raises(InvalidInputError) as caught:
        VALIDATOR.check(table)
    assert [fault.loc for fault in caught.value.faults] == [(1, "year")]
    assert table["year"] == [2014, 1900]


@pytest.mark.parametrize("value", [" a-B_c\t", "ABC", "a b c", "A__b--C"])
def test_spellings_of_one_level_are_normal_alike(value: str) -> None:
    assert normal(value) == "abc"


# -- properties

levels = st.text(st.sampled_from("aB -_é"), min_size=1, max_size=3)
strings = levels | st.sampled_from(["", "AB", "a b"])
integers = st.integers(-6, 6) | st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 10**400, -(10**400)])
numbers = integers | st.floats(-6, 6) | st.floats() | st.integers(-6, 6).map(float)
anything: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | strings
    | numbers
    | st.lists(st.integers(0, 1), max_size=1)
    | st.dictionaries(st.just("a"), st.integers(0, 1), max_size=1)
)


@st.composite
def features(draw: st.DrawFn, name: str = "x") -> Feature:
    kind: FeatureType = draw(st.sampled_from(get_args(FeatureType)))
    nullable = draw(st.booleans())
    rule = draw(st.sampled_from(["none", "allowed", "learned"]))
    if kind == "boolean":
        return Feature(name, kind, nullable=nullable)
    if kind == "datetime":
        return Feature(name, kind, nullable=nullable, time_zone=draw(st.sampled_from(get_args(TimeZone))))
    if kind == "string":
        known = tuple(draw(st.lists(levels, min_size=1, max_size=3, unique=True))) if rule != "none" else ()
        return Feature(
            name,
            "string",
            nullable=nullable,
            allowed=known if rule == "allowed" else (),
            levels=known if rule == "learned" else (),
        )
    if rule == "allowed":
        choices = st.integers(-3, 3) if kind == "integer" else st.integers(-3, 3) | st.floats(-3, 3)
        allowed = draw(st.lists(choices, min_size=1, max_size=3))
        return Feature(name, kind, nullable=nullable, allowed=tuple(allowed))
    low, high = sorted([draw(st.integers(-5, 5)), draw(st.integers(-5, 5))])
    return Feature(
        name,
        kind,
        nullable=nullable,
        minimum=low if draw(st.booleans()) else None,
        maximum=high if draw(st.booleans()) else None,
    )


MOMENTS = st.datetimes().map(str) | st.dates().map(str) | st.datetimes().map("{0}Z".format) | st.just("2023-02-29")


@examples(500)
@given(st.data())
def test_the_fast_path_and_the_slow_path_agree(data: st.DataObject) -> None:
    feature = data.draw(features())
    values: dict[FeatureType, st.SearchStrategy[Any]] = {
        "string": strings,
        "integer": integers,
        "number": numbers,
        "boolean": st.booleans(),
        "datetime": MOMENTS,
    }
    near = values[feature.type]
    column: list[Any] = data.draw(st.lists(data.draw(st.sampled_from([near, near | st.none(), anything])), max_size=5))
    check = ColumnCheck(feature)
    passes = check.passes(column)
    assert passes == (not list(check.faults(column)))


@examples(500)
@given(st.data())
def test_a_value_is_judged_the_same_alone_and_in_a_batch(data: st.DataObject) -> None:
    feature = data.draw(features())
    column = data.draw(st.lists(anything | MOMENTS, min_size=1, max_size=5))
    check = ColumnCheck(feature)
    alone = [row for row, value in enumerate(column) if not check.passes([value])]
    check.passes(column)
    assert [fault.loc for fault in check.faults(column)] == [(row, feature.name) for row in alone]


ROWS = st.fixed_dictionaries(
    {
        "owner": st.sampled_from(["First Owner", "Second Owner", "日本"]),
        "year": st.integers(1950, 2100) | st.integers(1950, 2100).map(float),
        "gearbox": st.sampled_from(["Manual", "semi-automatic"]),
    },
    optional={
        "fuel": st.sampled_from([None, "Diesel", "Steam"]),
        "km_driven": st.none() | st.floats(0, 1e9) | st.integers(0, 10**12),
        "doors": st.sampled_from([None, 3, 5, 3.0]),
        "key": st.none() | st.integers(*ID_RANGE) | st.text(),
    },
)


@given(st.lists(ROWS, min_size=1, max_size=6).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_permuted_instances_give_permuted_columns(drawn: tuple[list[Any], list[Any]]) -> None:
    rows, permuted = drawn
    place = {id(row): position for position, row in enumerate(rows)}
    order = [place[id(row)] for row in permuted]
    table, again = VALIDATOR.table(rows), VALIDATOR.table(permuted)
    assert again == {name: [column[row] for row in order] for name, column in table.items()}


@given(st.lists(ROWS, min_size=1, max_size=6), st.data())
def test_the_order_of_keys_does_not_matter(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = [dict(data.draw(st.permutations(list(row.items())))) for row in rows]
    assert VALIDATOR.table(shuffled) == VALIDATOR.table(rows)


@given(st.lists(st.dictionaries(st.sampled_from([*SOUND, "key", "colour"]), anything), max_size=4))
def test_a_batch_has_the_faults_of_its_instances(rows: list[dict[str, Any]]) -> None:
    def found(batch: list[dict[str, Any]]) -> list[Fault]:
        try:
            VALIDATOR.table(batch)
        except InvalidInputError as error:
            return list(error.faults)
        return []

    alone = [
        [Fault((row, *fault.loc[1:]), fault.msg, fault.type) for fault in found([one])] for row, one in enumerate(rows)
    ]
    assert found(rows) == [fault for faults in alone for fault in faults]


class Untouched(dict[str, Any]):
    """An instance that fails the test that looks into it."""

    def get(self, key: object, default: object = None) -> Any:
        raise AssertionError(key)

    keys = get  # type: ignore[assignment]


def test_after_as_many_faults_as_an_answer_lists_no_further_row_is_read() -> None:
    found = faults_of(*[{}] * MAX_FAULTS, *[Untouched()] * 10)
    assert len(found) == MAX_FAULTS
    assert found[-1].type == "missing"


def test_the_values_of_rows_before_the_last_listed_one_are_still_checked() -> None:
    wrong = {**SOUND, "year": 1}
    found = faults_of(*[{**wrong, "unknown": 1}] * MAX_FAULTS, Untouched())
    assert [fault.type for fault in found[:2]] == ["extra_forbidden", found[1].type]
    assert found[1].loc == (0, "year")


def test_of_many_unknown_fields_the_first_in_alphabetical_order_are_listed() -> None:
    found = faults_of({**SOUND, **{f"field {number:05}": 1 for number in reversed(range(20_000))}})
    assert [fault.loc[1] for fault in found] == [f"field {number:05}" for number in range(MAX_FAULTS)]
