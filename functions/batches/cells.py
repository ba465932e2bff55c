"""The cells of a plain CSV file as values of a feature: numbers as programs write them, dates as ISO 8601.

A value never depends on other cells, so workers may read the parts of a file apart. Numbers that are written in another
way (1,234 or 70.000 for a whole number, $5) are Unreadable here, although the reader of training files has a meaning
for them if all cells of the column agree: a file that begins with such cells is not plain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from functions.core.cell_values import TRUTH, Unreadable, boolean_value, reads_truth, text_value
from functions.core.definition import FileSettings
from functions.core.schema import Feature

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]*[1-9]\d{0,2}(?:\.\d{3})+", re.ASCII)
"""A whole number with three decimals, or one with thousands: 70.000."""
PLAIN_CHARACTERS = frozenset("0123456789+-.eE")
SIGNS = frozenset("+-.,'\u2019eE%?\ufffd ")


class ForeignNumber(Unreadable):
    """The place of a cell that the reader of training files may have a meaning for."""


@dataclass(frozen=True, slots=True)
class ReadCells:
    """The values of a column, Unreadable for a bad cell; `is_foreign` if a ForeignNumber is among them."""

    values: list[Any]
    is_foreign: bool = False


def read_cells(feature: Feature, cells: Sequence[str], files: FileSettings) -> ReadCells:
    """Fill missing cells, read the others, and spell texts as `files` says; bounds and lists are checked elsewhere."""
    # columns have few distinct cells, so each distinct one is read once
    distinct = set(cells)
    read = _plain_numbers(feature, distinct.difference(files.missing), files)
    read |= {cell: _value(feature, cell.strip(), files) for cell in distinct - read.keys()}
    is_foreign = any(isinstance(value, ForeignNumber) for value in read.values())
    return ReadCells(list(map(read.__getitem__, cells)), is_foreign)


def _plain_numbers(feature: Feature, cells: Collection[str], files: FileSettings) -> dict[str, Any]:
    """The numbers of the cells that are plain ones; none if any of these looks like one and is not."""
    if feature.type not in ("number", "integer") or feature.name in files.rename_values:
        return {}
    # float and int read more than plain numbers, but all of that has another character
    if not PLAIN_CHARACTERS.issuperset("".join(cells)):
        cells = [cell for cell in cells if PLAIN_CHARACTERS.issuperset(cell)]
    read: Callable[[str], int | float] = float if feature.type == "number" else int
    try:
        return dict(zip(cells, map(read, cells), strict=True))
    except ValueError:
        return {}


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
