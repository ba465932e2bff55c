"""The rules of one cell, which training and batches share."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest

from functions.core.cell_values import Unreadable, boolean_value, id_text, json_value, reads_truth, text_value
from functions.core.definition import FileSettings
from functions.core.schema import Feature

LEVEL, WORDS = Feature("n", "string"), Feature("n", "string", categorical=False)
BIT, CLOSED = Feature("n", "integer", allowed=(0, 1)), Feature("n", "integer", allowed=(1, 2))


NESTED = orjson.loads("[" * 600 + "]" * 600)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        *((123, "123"), ("123", "123"), (" 123 ", "123"), (123.0, "123"), (1.5, "1.5"), (True, "true"), (None, "")),
        *(("007", "007"), ("", ""), ({"a": 1}, '{"a":1}'), (NESTED, ""), (10**17, "1" + "0" * 17)),
        *((2.0**53, "9007199254740992"), (-(2.0**53), "-9007199254740992"), (2.0**54, ""), (-1e300, "")),
        *((orjson.loads("89340711234567890123"), ""), (math.nan, ""), (math.inf, ""), (2**64 - 1, str(2**64 - 1))),
    ],
)
def test_an_id_is_text(cell: Any, text: str) -> None:
    assert id_text(cell) == text


def test_true_and_false_are_read_in_any_case_and_as_digits() -> None:
    assert [boolean_value(text) for text in ("TRUE", "false", "1", "0.0")] == [True, False, True, False]
    assert boolean_value("yes") == Unreadable(("'yes' is neither true nor false", "boolean_parsing"))
    assert [reads_truth(one) for one in (BIT, Feature("n", "boolean"), CLOSED, LEVEL)] == [True, True, False, False]


def test_a_category_is_no_formula_and_free_text_is_anything() -> None:
    spelled = FileSettings(snake_case_values=True)
    assert text_value("No Way", LEVEL, spelled) == "no_way"
    assert text_value("No Way", WORDS, spelled) == "No Way"
    for text in ("=1", "#¡VALOR!"):
        assert isinstance(text_value(text, LEVEL, spelled), Unreadable)
        assert text_value(text, WORDS, spelled) == text


@pytest.mark.parametrize(
    ("cell", "feature", "value"),
    [
        (" No Way ", LEVEL, "no_way"),
        (" No Way ", WORDS, "No Way"),
        (None, LEVEL, "filled"),
        ("True", BIT, 1),
        (False, BIT, 0),
        ("2", CLOSED, 2),
        ("3", CLOSED, "3"),
        ([1], LEVEL, [1]),
        (1.5, BIT, 1.5),
    ],
)
def test_a_value_of_json_is_brought_to_the_model(cell: Any, feature: Feature, value: Any) -> None:
    assert json_value(cell, feature, FileSettings(snake_case_values=True, fill={"n": "filled"})) == value
