"""Comparison of texts with figures."""

from __future__ import annotations

import pytest

from tools.figures import agree


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("rmse 301667.4, r2 0.8308", "rmse 301668.1, r2 0.8309", True),
        ("[337500, 184200]", "[337500, 184100]", True),
        ("1,234,567 rupees", "1,234,600 rupees", True),
        ("rmse 301667", "rmse 321667", False),
        ("version 2", "version 3", False),
        ("2018 rows of 482", "2018 rows of 481", False),
        ("r2 -0.163", "r2 0.163", False),
        ("rmse 12.5", "mae 12.5", False),
        ("one 1.5", "one 1.5 2.5", False),
        ("5 errors.", "5 errors.", True),
    ],
)
def test_only_the_last_digits_of_measures_may_differ(first: str, second: str, expected: bool) -> None:
    assert agree(first, second) is expected
