"""Many faults at once: in the order of the rows, as many as an answer lists, and no row is read beyond."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import MAX_FAULTS, InvalidInputError
from tests.core.car_instances import SOUND, VALIDATOR, faults_of


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
