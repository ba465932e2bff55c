"""The rules by which one cell of a file becomes a value, for files to train on and for files to predict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson

from functions.core.column_check import LARGEST_EXACT_INTEGER
from functions.core.definition import FileSettings
from functions.core.json_text import is_too_deep
from functions.core.schema import Feature
from functions.core.spelling import snake_case

TRUTH = {"false": 0, "true": 1}
BITS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}
# In English and Spanish, as spreadsheets write them into CSV.
SHEET_ERROR = re.compile(r"#(?:REF!|¡REF!|DIV/0!|¡DIV/0!|VALUE!|¡VALOR!|NAME\?|¿NOMBRE\?|NUM!|¡NUM!|NULL!|N/A|N/D)")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The place of a cell that is not of the column's type, with the message and the kind of its fault."""

    fault: tuple[str, str]


def reads_truth(feature: Feature) -> bool:
    """True for a feature in which the words true and false are values, as Python and R write 1 and 0."""
    return feature.is_boolean or feature.allowed == (0, 1)


def boolean_value(text: str) -> bool | Unreadable:
    """The boolean that a text means."""
    value = TRUTH.get(text.lower(), BITS.get(text))
    return Unreadable((f"{text[:60]!r} is neither true nor false", "boolean_parsing")) if value is None else bool(value)


def text_value(text: str, feature: Feature, files: FileSettings) -> str | Unreadable:
    """A category, or Unreadable for a formula or an error of a spreadsheet; free text may begin with any sign.

    Cells such as @SUM(A1) or +cmd are ordinary texts: nothing here opens them in a spreadsheet.
    """
    if not feature.categorical:
        return text
    if text.startswith("="):
        return Unreadable((f"{text[:60]!r} is a formula: save the file with its values", "formula"))
    if SHEET_ERROR.fullmatch(text):
        return Unreadable((f"{text!r} is an error of a spreadsheet: correct it, or leave the cell empty", "formula"))
    return snake_case(text) if files.snake_case_values else text


def json_value(cell: Any, feature: Feature, files: FileSettings) -> Any:
    """A value of JSON as the feature has it, without spaces around a text; a missing one is filled."""
    value = cell.strip() if isinstance(cell, str) else cell
    if value is None:
        return files.fill.get(feature.name)
    if feature.allowed == (0, 1) and str(value).lower() in TRUTH:
        return TRUTH[str(value).lower()]
    if isinstance(value, str) and not feature.is_string and value in feature.labels:
        return feature.labels[value]
    if isinstance(value, str) and files.snake_case_values and feature.is_string and feature.categorical:
        return snake_case(value)
    return value


def id_text(cell: Any) -> str:
    """The id as text, so that 123 and "123" are one; empty for a missing one, and for one that cannot be told.

    That is one of too many levels, and a float that may be another number than the one that was sent: parsers make
    floats of integers of more than 64 bits.
    """
    if cell is None or (isinstance(cell, list | dict) and is_too_deep(cell)):
        return ""
    if isinstance(cell, float) and not -LARGEST_EXACT_INTEGER <= cell <= LARGEST_EXACT_INTEGER:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.strip() if isinstance(cell, str) else orjson.dumps(cell).decode()
