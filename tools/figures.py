"""A comparison of texts with measured figures: machines differ in the last digits of what they compute."""

from __future__ import annotations

import math
import re

NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")
RELATIVE = 0.01


def agree(first: str, second: str) -> bool:
    """True for texts that are equal but for figures that differ by at most 1 %; whole numbers below 1000 must be equal.

    >>> agree("rmse 301667, version 2", "rmse 301669, version 2")
    True
    >>> agree("rmse 301667, version 2", "rmse 301667, version 3")
    False
    """
    if NUMBER.sub("#", first) != NUMBER.sub("#", second):
        return False
    pairs = zip(NUMBER.findall(first), NUMBER.findall(second), strict=True)
    return all(one == other or _is_near(one, other) for one, other in pairs)


def _is_near(first: str, second: str) -> bool:
    one, other = (float(text.replace(",", "").rstrip(".")) for text in (first, second))
    counts = one.is_integer() and other.is_integer() and abs(one) < 1000
    return not counts and math.isclose(one, other, rel_tol=RELATIVE)
