"""Levels that are a sign of a mistake."""

from __future__ import annotations

import pytest

from functions.core.schema import Feature
from model_export.training_files.levels import near_levels, numbers_among_words

OWNER = Feature("owner", "string", nullable=True)


def test_each_further_spelling_of_a_level_is_reported() -> None:
    values = ["First Owner", None, "first owner", "FIRST_OWNER", "Second", "FIRST_OWNER"]
    assert [fault.msg for fault in near_levels(OWNER, values, "row {}".format)] == [
        "'First Owner' (row 0) and 'FIRST_OWNER' (row 3) differ only in case or spaces",
        "'first owner' (row 2) and 'FIRST_OWNER' (row 3) differ only in case or spaces",
    ]


def test_levels_that_differ_in_a_sign_are_several() -> None:
    assert list(near_levels(OWNER, ["A", "A-", "BBB", "BBB-", "1", "-1", "1-8", "18", "--", "-"], str)) == []
    (fault,) = near_levels(OWNER, ["A-", "a-"], "row {}".format)
    assert fault.msg == "'a-' (row 1) and 'A-' (row 0) differ only in case or spaces"


def test_codes_among_words_are_noted() -> None:
    note = "owner: '0', '1' are among words such as 'Third Owner'; each is kept as its own level"
    assert numbers_among_words(OWNER, ["1", "0", None, "Third Owner", "0"]) == note


@pytest.mark.parametrize("values", [["0", "1"], ["First", "Second"], [None], []])
def test_a_column_of_one_kind_is_not(values: list[str | None]) -> None:
    assert numbers_among_words(OWNER, values) == ""


@pytest.mark.parametrize(
    "feature", [Feature("name", "string", categorical=False), Feature("kind", "string", allowed=("0", "One", "one"))]
)
def test_only_learned_levels_count(feature: Feature) -> None:
    assert numbers_among_words(feature, ["0", "One", "one"]) == ""
    assert list(near_levels(feature, ["0", "One", "one"], str)) == []
