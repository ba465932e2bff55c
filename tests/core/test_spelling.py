"""The spelling of columns and texts in files."""

from __future__ import annotations

import unicodedata

from functions.core.definition import FileSettings
from functions.core.spelling import column_name, known_form, snake_case


def test_snake_case_is_lower_case_with_underscores_for_spaces() -> None:
    assert snake_case(" Electronic check ") == "electronic_check"
    assert snake_case("Month-to-month") == "month-to-month"


def test_a_column_is_spelled_and_then_renamed() -> None:
    files = FileSettings(snake_case_columns=True, rename={"fuel_type": "fuel"})
    assert column_name(" Fuel Type", files) == "fuel"
    assert column_name(" Fuel Type", FileSettings()) == "Fuel Type"


def test_accents_apart_from_their_letters_make_no_other_name() -> None:
    apart = unicodedata.normalize("NFD", "año")
    assert known_form(apart, ["id", "año"]) == "año"
    assert known_form(apart, ["id"]) == apart
    assert column_name(apart, FileSettings(rename={"año": "year"})) == "year"
