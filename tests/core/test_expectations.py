"""Plain words for annotations and for values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from functions.core.expectations import array_of, bare_of, expectation, leaves_of, shown_value, without_none


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (int, "a whole number"),
        (float, "a number"),
        (str, "text"),
        (bool, "true or false"),
        (int | float, "a number"),
        (str | int, "text or a whole number"),
        (str | int | float, "text or a number"),
        (Literal["hash", "random"], "one of hash, random"),
        (Literal["gha"], "gha"),
        (tuple[float, float], "an array of 2 numbers"),
        (Annotated[int, Meta(ge=1)], "a whole number of at least 1"),
        (Annotated[int, Meta(le=9)], "a whole number of at most 9"),
        (Annotated[int, Meta(ge=1, le=29)], "a whole number from 1 to 29"),
        (Annotated[float, Meta(gt=0, lt=1)], "a number greater than 0 and less than 1"),
        (Annotated[str, Meta(min_length=1)], "text that is not empty"),
        (Annotated[str, Meta(pattern="x", description="a name written owner/name")], "a name written owner/name"),
    ],
)
def test_an_annotation_is_described(hint: Any, words: str) -> None:
    assert expectation(*bare_of(hint)) == words


@pytest.mark.parametrize(
    ("item", "least", "words"),
    [
        (str, 0, "an array of texts"),
        (str, 1, "an array of texts, at least 1,"),
        (str | int | float, 0, "an array of texts or numbers"),
        (Annotated[int, Meta(ge=1)], 0, "an array of whole numbers"),
        (Mapping[str, Any], 0, "an array of sections"),
        (Literal["a", "b"], 0, "an array of values"),
    ],
)
def test_an_array_is_described_by_its_items(item: Any, least: int, words: str) -> None:
    assert array_of(item, least) == words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("many", '"many"'),
        ("año", '"año"'),
        ("a\nb", '"a\\nb"'),
        ("\x1b[31m", '"\\u001b[31m"'),
        (True, "true"),
        (None, "null"),
        (1.0, "1.0"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ([1, "a"], '[1, "a"]'),
        ({}, "an empty section"),
        ({"a": 1}, "a section"),
        (date(2026, 1, 31), "the date 2026-01-31"),
        (datetime(2026, 1, 31, tzinfo=UTC), "the datetime 2026-01-31 00:00:00+00:00"),
        ("x" * 100, f'"{"x" * 59}...'),
    ],
)
def test_a_value_is_shown_as_a_person_would_write_it(value: object, text: str) -> None:
    assert shown_value(value) == text


def test_what_is_within_an_annotation_is_found() -> None:
    assert leaves_of(tuple[float, int] | str | None) == {float, int, str, type(None)}
    assert without_none(int | None) is int
    assert without_none(int | str) is None
