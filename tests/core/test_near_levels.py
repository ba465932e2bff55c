"""The level that a mistyped text was meant to be, and none where that is a guess."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.near_levels import LONGEST_LEVEL, MOST_LETTERS, NearLevels

LEVELS = ("Month-to-month", "One year", "Two year", "Fiber optic", "Lavapiés", "DSL", "No", "28012", "Calle 12")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("month to MONTH", "Month-to-month"),
        ("Lavapies", "Lavapiés"),
        (unicodedata.normalize("NFD", "Lavapiés"), "Lavapiés"),
        ("month-to-mont", "Month-to-month"),  # left out
        ("Onne year", "One year"),  # put in
        ("One yaer", "One year"),  # moved
        ("One yeer", "One year"),  # exchanged
        ("Fibre optic", "Fiber optic"),
        ("lavapiex", "Lavapiés"),
        ("Two yeaar", "Two year"),
        ("Cale 12", "Calle 12"),
        ("no", "No"),
    ],
)
def test_a_level_is_found_in_spite_of_case_accents_and_one_letter(text: str, level: str) -> None:
    assert NearLevels(LEVELS).nearest(text) == level


@pytest.mark.parametrize(
    "text", ["Five year", "DSS", "Nu", "28013", "2801", "Calle 13", "", "Steam", "x" * 1000, "-28013"]
)
def test_nothing_is_proposed_where_another_thing_may_be_meant(text: str) -> None:
    assert NearLevels(LEVELS).nearest(text) is None


def test_no_levels_have_no_nearest() -> None:
    assert NearLevels(()).nearest("Diesel") is None


def test_of_levels_that_are_as_near_the_first_in_the_alphabet_is_proposed() -> None:
    assert NearLevels(("spade", "spate", "Space")).nearest("spaxe") == "Space"
    assert NearLevels(("b.north", "a.north")).nearest("north") is None
    assert NearLevels(("north2", "north1", "north")).nearest("nnorth") == "north"


@given(st.text(min_size=6, max_size=LONGEST_LEVEL - 1, alphabet="abcñé -"), st.data())
def test_a_text_with_one_letter_less_is_near_its_level(level: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(level) - 1))
    text = level[:place] + level[place + 1 :]
    letters = [one for one in level if one not in " -"]
    # of several hyphens, some may become signs without the letter
    assert NearLevels((level,)).nearest(text) == level or len(letters) < 5 or level.count("-") > 1


def test_mistyped_letters_are_looked_for_among_few_and_short_levels_alone() -> None:
    many = NearLevels([f"level number {number}" for number in range(50_000)])
    long = NearLevels(["y" * 5_000_000])
    assert many.nearest("Level-Number 7") == "level number 7"
    assert [many.nearest(f"level numbr {number}") for number in range(1000)] == [None] * 1000
    assert long.nearest("x" * 5_000_000) is None
    assert long.nearest("yyyy") is None
    assert NearLevels(["abcd" * 16] * (MOST_LETTERS // 64 + 1)).nearest("abcd" * 15 + "abc") == "abcd" * 16
