"""Spelling of a table and of the pipeline that was fitted on it."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from functions.core.definition import FileSettings
from functions.core.errors import InvalidInputError
from model_export.draft.columns import column_of
from model_export.draft.estimator import Facts
from model_export.draft.spelling import find_column, names_in_models, respelled, spelling_of, words_for_missing

TABLE: dict[str, list[Any]] = {" Home Town": ["New York", "Cork", "NA"], "Left": ["No", "Yes", "No"]}


def fitted_on(*names: str, **levels: set[str]) -> Facts:
    return Facts(True, False, names, None, levels={name: frozenset(found) for name, found in levels.items()})


@pytest.mark.parametrize("facts", [None, Facts(True, False, None, 2), fitted_on("Home Town")])
def test_a_table_is_spelled_as_it_is_where_nothing_else_is_known(facts: Facts | None) -> None:
    assert spelling_of(TABLE, facts, {}) == FileSettings()


def test_snake_case_is_what_the_pipeline_knows() -> None:
    files = spelling_of(TABLE, fitted_on("home_town", home_town={"new_york", "cork"}), {})
    assert files == FileSettings(snake_case_columns=True, snake_case_values=True)
    assert respelled(TABLE, files) == {"home_town": ["new_york", "cork", "NA"], "left": ["no", "yes", "no"]}


def test_columns_and_values_may_be_spelled_differently() -> None:
    assert spelling_of(TABLE, fitted_on("home_town", home_town={"Cork"}), {}) == FileSettings(snake_case_columns=True)
    files = spelling_of(TABLE, fitted_on("Home Town", **{"Home Town": {"new_york"}}), {})
    assert files == FileSettings(snake_case_values=True)


def test_snake_case_is_not_assumed_if_columns_are_lacking_all_the_same() -> None:
    assert spelling_of(TABLE, fitted_on("home_town", "gone"), {}) == FileSettings()


def test_a_renamed_column_is_known_by_the_new_name() -> None:
    files = spelling_of(TABLE, None, {"Home Town": "instances_column"})
    assert files == FileSettings(rename={"Home Town": "instances_column"})
    assert list(respelled(TABLE, files)) == ["instances_column", "Left"]


def test_a_rename_goes_with_snake_case() -> None:
    facts = fitted_on("town", "left", town={"new_york"})
    files = spelling_of(TABLE, facts, {"Home Town": "town"})
    assert files == FileSettings(snake_case_columns=True, snake_case_values=True, rename={"home_town": "town"})
    assert list(respelled(TABLE, files)) == ["town", "left"]


def test_a_rename_of_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        InvalidInputError, match=r"column \"town\": the file has no such column; it has ' Home Town', Left"
    ):
        spelling_of(TABLE, None, {"town": "place"})


@pytest.mark.parametrize(
    ("table", "files"),
    [
        ({"Home Town": [1], "home_town": [2]}, FileSettings(snake_case_columns=True)),
        ({"a": [1], "b": [2]}, FileSettings(rename={"a": "b"})),
    ],
)
def test_two_columns_never_become_one(table: dict[str, list[Any]], files: FileSettings) -> None:
    with pytest.raises(InvalidInputError, match=r"all become .*: rename one"):
        respelled(table, files)


def test_columns_without_a_name_may_be_many() -> None:
    assert respelled({"": [1], " ": [2], "a": [3]}, FileSettings())["a"] == [3]


def test_a_column_that_is_not_there_is_refused_with_a_near_one() -> None:
    table = {"Left": [], "x" * 300: []}
    assert find_column("Left", table) == "Left"
    with pytest.raises(InvalidInputError, match="did you mean 'Left'"):
        find_column("left ", table)
    with pytest.raises(InvalidInputError, match=r"it has Left, 'xxx.*\.\.\.'"):
        find_column("gone", table)


def test_words_for_missing_of_this_table_are_added_to_the_usual() -> None:
    cells = {"age": ["NULL", "1", "-nan"], "town": ["n/a", "x", "y"]}
    columns = {"age": column_of("age", cells["age"])}
    assert words_for_missing(cells, columns, is_text=True) == (*FileSettings().missing, "NULL", "-nan")
    assert words_for_missing({}, columns, is_text=True) == FileSettings().missing


def test_words_that_are_values_of_a_table_in_json_mean_no_missing_value_in_any_file() -> None:
    cells = {"a": ["x", "NA", " None ", "NULL", None, ""], "unused": ["nan"]}
    columns = {"a": column_of("a", cells["a"])}
    expected = tuple(word for word in FileSettings().missing if word not in ("NA", "None"))
    assert words_for_missing(cells, columns, is_text=False) == expected
    assert "" in expected


def test_names_in_models_are_all_that_a_column_may_get() -> None:
    assert names_in_models(TABLE, {"Left": "gone"}) == {"Home Town", "Left", "home_town", "left", "gone"}


def knowing(**levels: set[str]) -> Facts:
    known = {name: frozenset(texts) for name, texts in levels.items()}
    return Facts(True, False, tuple(known), None, frozenset(known), levels=known)


def test_values_are_brought_to_the_spelling_that_the_pipeline_knows() -> None:
    cells = {
        "zone": ["North Side", "south-side", "east", "EAST", None, "NA"],
        "rooms": ["3", "2.50", "1", "4"],
        "kept": ["A", "a", "B"],
    }
    facts = knowing(zone={"north side", "south side", "east"}, rooms={"3.0", "2.5", "1"}, kept={"A", "a"})
    assert spelling_of(cells, facts, {}).rename_values == {
        "zone": {"North Side": "north side", "south-side": "south side"},
        "rooms": {"3": "3.0", "2.50": "2.5"},
    }
    assert respelled(cells, spelling_of(cells, facts, {}))["rooms"] == ["3.0", "2.5", "1", "4"]


def test_a_value_that_differs_in_a_sign_is_no_spelling_of_a_level() -> None:
    assert spelling_of({"grade": ["A", "B"]}, knowing(grade={"A-", "B"}), {}).rename_values == {}


def test_a_spelling_that_may_be_two_levels_is_left_to_the_user() -> None:
    facts = knowing(zone={"north", "NORTH"})
    assert spelling_of({"zone": ["North"]}, facts, {}).rename_values == {}
    asked = {"zone": {"North": "NORTH"}, "rent": {"a": "b"}}
    assert spelling_of({"zone": ["North"], "rent": ["a"]}, facts, {}, asked).rename_values == asked


def test_snake_case_changes_no_column_that_is_known_as_it_is() -> None:
    facts = knowing(zone={"north_side", "south_side"}, kind={"Flat"})
    cells = {"zone": ["North Side", "South Side"], "kind": ["Flat"]}
    files = spelling_of(cells, facts, {})
    assert not files.snake_case_values
    assert files.rename_values == {"zone": {"North Side": "north_side", "South Side": "south_side"}}
    assert spelling_of({"zone": cells["zone"]}, knowing(zone={"north_side"}), {}).snake_case_values


def test_dates_are_not_spelled_as_levels_are() -> None:
    table = {"when": ["2024-01-01T10:00"], "town": ["New York"]}
    assert respelled(table, FileSettings(snake_case_values=True), ["when"]) == {**table, "town": ["new_york"]}


def test_a_column_of_the_same_characters_in_another_unicode_form_is_found() -> None:
    apart = unicodedata.normalize("NFD", "año")
    assert find_column("año", {apart: []}) == apart
    assert find_column(apart, {"año": []}) == "año"
    with pytest.raises(InvalidInputError, match="did you mean 'año'"):
        find_column("ano", {"año": [], "mes": []})
