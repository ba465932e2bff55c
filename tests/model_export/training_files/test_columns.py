"""Columns of a file that are found, joined, filled, left out, or missing."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition, FileSettings
from functions.core.errors import Fault, InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.spelling import column_name
from model_export.training_files.columns import match_columns
from model_export.training_files.faults import brief
from model_export.training_files.sheet import Sheet

CARS = Definition(
    name="cars",
    task="tabular-regression",
    description="",
    folder=Path(),
    digest="",
    schema=Schema(
        features=(
            Feature("fuel", "string", nullable=True),
            Feature("year", "integer"),
            Feature("weight", "number", nullable=True),
        ),
        target=Feature("price", "number"),
        id="key",
    ),
)
TAGS = replace(
    CARS,
    files=FileSettings(join={"text": ["title", "body"]}),
    schema=Schema((Feature("text", "string", categorical=False),), Feature("tag", "string")),
)


def sheet(*columns: tuple[str, list[Any]], is_text: bool = True) -> Sheet:
    return Sheet(tuple(name for name, _ in columns), tuple(cells for _, cells in columns), is_text=is_text)


def header(*names: str) -> Sheet:
    return sheet(*((name, ["1"]) for name in names))


def test_unused_columns_are_noted_and_the_id_is_not_one() -> None:
    matched = match_columns(header("key", "fuel", "year", "colour", "weight", "price", "doors"), CARS)
    assert matched.notes == ("columns not used: 'colour', 'doors'",)
    assert list(matched.columns) == ["key", "fuel", "year", "weight", "price"]


DECOMPOSED = unicodedata.normalize("NFD", "año")


@pytest.mark.parametrize(("in_model", "in_file"), [("año", DECOMPOSED), (DECOMPOSED, "año")])
def test_a_column_of_the_same_characters_in_another_unicode_form_is_taken(in_model: str, in_file: str) -> None:
    schema = Schema((Feature(in_model, "integer"),), Feature("price", "number"))
    matched = match_columns(header(f" {in_file} ", "price"), replace(CARS, schema=schema))
    assert list(matched.columns) == [in_model, "price"]
    assert (matched.faults, matched.notes) == ((), (f"columns read as: {brief(f' {in_file} ')} -> {in_model}",))
    renamed = replace(CARS, schema=schema, files=FileSettings(rename={in_file: in_model}))
    assert list(match_columns(header(in_model, "price"), renamed).columns) == [in_model, "price"]


@pytest.mark.parametrize(("in_file", "hint"), [("yaer", "'yaer'"), ("Yéar", "'Yéar'"), ("yearr", "'yearr'")])
def test_a_missing_column_names_the_one_that_was_meant(in_file: str, hint: str) -> None:
    (fault,) = match_columns(header("fuel", in_file, "price"), CARS).faults
    assert fault.msg == f"the file has no such column; did you mean {hint}?"


def test_of_many_missing_columns_the_first_are_compared_with_those_of_the_file() -> None:
    schema = Schema(tuple(Feature(f"feature {number}", "number") for number in range(500)), Feature("price", "number"))
    names = [f"{chr(ord('A') + number % 26)}-featuer {number}" for number in range(500)]
    faults = match_columns(header(*names, "FEATURE-7", "price"), replace(CARS, schema=schema)).faults
    asked = [fault.loc[1] for fault in faults if "did you mean" in fault.msg]
    assert len(faults) == 500
    assert asked == ["feature 0", "feature 1", "feature 2", "feature 7"]


def test_every_missing_column_is_named_with_the_ones_of_the_file() -> None:
    assert match_columns(header("fuel", "Year"), CARS).faults == (
        Fault(("file", "year"), "the file has no such column; did you mean 'Year'?", "missing"),
        Fault(("file", "price"), "the file has no such column; it has fuel, Year", "missing"),
    )


def test_missing_nullable_columns_are_empty() -> None:
    matched = match_columns(sheet(("year", ["2000", "2001"]), ("price", ["1", "2"])), CARS)
    assert matched.columns["fuel"] == matched.columns["weight"] == [None, None]
    assert matched.notes == ("columns that the file lacks, read as missing values: fuel, weight",)


def test_repeated_columns_are_refused() -> None:
    message = "the file has this column more than once"
    assert match_columns(header("year", "price", "year", "price", "year"), CARS).faults == (
        Fault(("file", "year"), message, "repeated_column"),
        Fault(("file", "price"), message, "repeated_column"),
    )


def test_a_column_that_is_not_used_may_be_repeated() -> None:
    matched = match_columns(header("fuel", "year", "weight", "price", "note", "note"), CARS)
    assert (matched.faults, matched.notes) == ((), ("columns not used: 'note', 'note'",))


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("", "columns without a name not used: 2, all of them empty"),
        ("astray", "columns without a name not used: 2 with 1 cells, such as 'astray'"),
    ],
)
def test_columns_without_a_name_are_left_out(cell: str, note: str) -> None:
    named = [(name, ["1", "2"]) for name in ("fuel", "year", "weight", "price")]
    matched = match_columns(sheet(*named, ("", ["", cell]), (" ", ["", ""])), CARS)
    assert matched.columns["year"] == ["1", "2"]
    assert matched.notes == (note,)


def test_names_keep_their_case_unless_the_definition_says_otherwise() -> None:
    assert [fault.loc for fault in match_columns(header("Year", "Price"), CARS).faults] == [
        ("file", "year"),
        ("file", "price"),
    ]
    snake = replace(CARS, files=FileSettings(snake_case_columns=True))
    assert match_columns(header("Year", "Price"), snake).faults == ()


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (FileSettings(), "Km Driven"),
        (FileSettings(snake_case_columns=True), "km_driven"),
        (FileSettings(rename={"Km Driven": "km"}), "km"),
        (FileSettings(snake_case_columns=True, rename={"km_driven": "km"}), "km"),
        (FileSettings(snake_case_columns=True, rename={"Km Driven": "km"}), "km_driven"),
    ],
)
def test_a_column_is_renamed_after_snake_case(files: FileSettings, name: str) -> None:
    assert column_name(" Km Driven ", files) == name


def test_a_first_line_of_data_is_no_header() -> None:
    with pytest.raises(InvalidInputError, match=r"the first line looks like data \('Diesel', '2000'\)"):
        match_columns(header("Diesel", "2000"), CARS)
    assert match_columns(header("Fuel", "2000"), CARS).faults  # one known name is enough of a header
    assert match_columns(sheet(("2000", [1]), is_text=False), CARS).faults  # keys of JSON are names


def test_joined_parts_are_noted_as_one_column() -> None:
    matched = match_columns(sheet(("title", [" One "]), ("body", ["two"]), ("tag", ["a"]), ("id", ["1"])), TAGS)
    assert matched.columns["text"] == ["One two"]
    assert matched.notes == ("columns read as: title + body -> text", "columns not used: 'id'")


def test_missing_parts_leave_the_others_and_no_part_leaves_nothing() -> None:
    matched = match_columns(sheet(("title", ["a", "NA", ""]), ("body", ["", "b", "null"]), ("tag", ["x"] * 3)), TAGS)
    assert matched.columns["text"] == ["a", "b", None]
    assert match_columns(sheet(("title", ["a"]), ("tag", ["x"])), TAGS).columns["text"] == ["a"]


def test_words_for_missing_are_texts_in_json() -> None:
    matched = match_columns(sheet(("title", ["NA"]), ("body", [None]), ("tag", ["x"]), is_text=False), TAGS)
    assert matched.columns["text"] == ["NA"]
