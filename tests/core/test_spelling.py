"""The spelling of columns and texts in files."""

from __future__ import annotations

import unicodedata

from functions.core.definition import FileSettings
from functions.core.spelling import column_in_file, column_name, known_form, model_column, snake_case


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


def test_a_column_in_another_unicode_form_is_that_of_the_model() -> None:
    known = ["id", "año"]
    files = FileSettings(snake_case_columns=True, rename={"year": "año"})
    for name in (unicodedata.normalize("NFD", "año"), f" {unicodedata.normalize('NFD', 'Año')}", "Year"):
        assert model_column(name, files, known) == "año"
    apart = unicodedata.normalize("NFD", "niño")
    assert model_column(apart, files, known) == apart


def test_a_column_is_found_in_the_spelling_of_the_file_or_of_the_model_in_any_unicode_form() -> None:
    files = FileSettings(snake_case_columns=True)
    apart = unicodedata.normalize("NFD", "código")
    for wanted in ("código", apart, "Código", unicodedata.normalize("NFD", "Código")):
        assert (
            column_in_file(wanted, {"km", apart}, files, ["km"]) == apart
        )  # no column of the model: as the file has it
        assert column_in_file(wanted, {"km", "código"}, files, ["km", "código"]) == "código"
    assert column_in_file("codigo", {"km", "código"}, files, ["km", "código"]) is None
