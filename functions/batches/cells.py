"""The cells of a plain CSV file as values of a feature: numbers as programs write them, dates as ISO 8601.

A value never depends on other cells, so workers may read the parts of a file apart. Numbers that are written in another
way (1,234 or 70.000 for a whole number, $5) are Unreadable here, although the reader of training files has a meaning
for them if all cells of the column agree: a file that begins with such cells is not plain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from functions.core.cell_values import TRUTH, Unreadable, boolean_value, reads_truth, text_value
from functions.core.definition import FileSettings
from functions.core.schema import Feature

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]*[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
"""A whole number with three decimals, or one with thousands: 70.000."""
PLAIN_CHARACTERS = b"0123456789+-.eE"
BLANK = frozenset(b" ")
FIRST_CELLS = 100
MOST_KNOWN = 10_000
SIGNS = frozenset("+-.,'\u2019eE%?\ufffd ")


class ForeignNumber(Unreadable):
    """The place of a cell that the reader of training files may have a meaning for."""


@dataclass(frozen=True, slots=True)
class ReadCells:
    """The values of a column, Unreadable for a bad cell; `is_foreign` if a ForeignNumber is among them."""

    values: list[Any]
    is_foreign: bool = False


class CellReader:
    """A reader of the cells of one column, which remembers those that it has read."""

    def __init__(self, feature: Feature, files: FileSettings) -> None:
        self._feature = feature
        self._files = files
        self._known: dict[str, Any] = {}

    def read(self, cells: Sequence[str]) -> ReadCells:
        """Fill missing cells, read the others, and spell texts as the settings say.

        The bounds and the list of the feature are checked elsewhere.
        """
        numbers = _all_numbers(self._feature, cells, self._files) if _seldom_repeats(cells) else None
        if numbers is not None:
            return ReadCells(numbers)
        try:
            return ReadCells(list(map(self._known.__getitem__, cells)))
        except KeyError:
            return self._read(cells)

    def _read(self, cells: Sequence[str]) -> ReadCells:
        # each distinct cell is read once
        read = {cell: _value(self._feature, cell.strip(), self._files) for cell in set(cells)}
        bad = {cell: value for cell, value in read.items() if isinstance(value, Unreadable)}
        known = {**self._known, **read} if not bad else self._known
        self._known = known if len(known) <= MOST_KNOWN else {}
        is_foreign = any(isinstance(value, ForeignNumber) for value in bad.values())
        return ReadCells(list(map(read.__getitem__, cells)), is_foreign)


def _seldom_repeats(cells: Sequence[str]) -> bool:
    first = cells[:FIRST_CELLS]
    return len(set(first)) > len(first) // 2


def _all_numbers(feature: Feature, cells: Sequence[str], files: FileSettings) -> list[Any] | None:
    """The values of cells that are plain numbers or blank; None if one is anything else, or means a missing value."""
    if feature.type not in ("number", "integer") or feature.name in files.rename_values:
        return None
    # Python reads more than plain numbers, but all of that has another character
    others = set(_other_characters("".join(cells)))
    if not others <= BLANK or any(text and not _other_characters(text) for text in files.missing):
        return None
    read: Callable[[str], int | float] = float if feature.type == "number" else int
    fill = files.fill.get(feature.name)
    try:
        if not others and all(cells):
            return list(map(read, cells))
        return [read(cell) if cell.strip() else fill for cell in cells] if "" in files.missing else None
    except ValueError:
        return None


def _other_characters(text: str) -> bytes:
    """What plain numbers do not have."""
    return text.encode().translate(None, PLAIN_CHARACTERS)


def _value(feature: Feature, text: str, files: FileSettings) -> Any:
    if text in files.missing:
        return files.fill.get(feature.name)
    text = files.rename_values.get(feature.name, {}).get(text, text)
    if feature.is_string:
        return text_value(text, feature, files)
    if feature.is_datetime:
        return text
    if feature.is_boolean:
        return boolean_value(text)
    if reads_truth(feature) and text.lower() in TRUTH:
        return TRUTH[text.lower()]
    return _number(feature, text)


def _number(feature: Feature, text: str) -> int | float | Unreadable:
    is_integer, kind = feature.type == "integer", f"{feature.type}_parsing"
    if NUMBER.fullmatch(text) and not (is_integer and THOUSANDS.fullmatch(text)):
        try:
            return int(text) if is_integer and text.lstrip("+-").isdecimal() else float(text)
        except ValueError:  # more digits than Python converts
            return Unreadable((f"{text[:60]!r} is not a number", kind))
    if not _is_foreign(text):
        return Unreadable((f"{text[:60]!r} is not a number", kind))
    hint = "a file with such a number among its first rows is read by the rules for training files"
    return ForeignNumber((f"{text[:60]!r} is not a number as programs write it; {hint}", kind))


def _is_foreign(text: str) -> bool:
    """True for digits with the signs that people write among them."""
    return any(map(str.isdecimal, text)) and all(
        one.isdecimal() or one in SIGNS or one.isspace() or unicodedata.category(one) == "Sc" for one in text
    )
