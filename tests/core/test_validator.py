"""Instances against a schema: their columns, their shape, their ids, and what to do about a fault."""

from __future__ import annotations

import difflib
from typing import Any

import pytest

from functions.core.errors import Fault, InvalidInputError
from functions.core.near_names import MOST_COMPARISONS
from functions.core.schema import Feature, Schema
from functions.core.validator import ID_FAULT, Validator
from tests.core.car_instances import SCHEMA, SOUND, VALIDATOR, faults_of


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


def test_columns_are_checked_as_instances_are() -> None:
    table = VALIDATOR.table([SOUND, SOUND])
    table["year"] = [2014.0, 1900]
    with pytest.raises(InvalidInputError) as caught:
        VALIDATOR.check(table)
    assert [fault.loc for fault in caught.value.faults] == [(1, "year")]
    assert table["year"] == [2014, 1900]
