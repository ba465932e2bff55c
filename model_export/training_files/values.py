"""Reading of the cells of a column as values of a feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import is_
from typing import Any

from functions.core.cell_values import TRUTH, Unreadable, boolean_value, json_value, reads_truth, text_value
from functions.core.definition import DecimalMark, FileSettings
from functions.core.schema import Feature, written
from model_export.training_files.date_cells import order_note, read_dates
from model_export.training_files.numbers import read_numbers
from model_export.training_files.sheet import Sheet


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """The values of a column, Unreadable for a bad cell; `doubt` is the message and kind of a fault of all."""

    values: list[Any]
    note: str = ""
    doubt: tuple[str, str] | None = None


def read_column(feature: Feature, cells: Sequence[Any], files: FileSettings, sheet: Sheet) -> ReadColumn:
    """Fill missing cells, read numbers, true and false from text, and spell texts as `files` says."""
    fill = files.fill.get(feature.name)
    if not sheet.is_text:
        return ReadColumn([_json_value(cell, feature, files) for cell in cells])
    # Columns have few distinct cells, so each distinct one is read once.
    stripped = {cell: cell.strip() for cell in dict.fromkeys(cells) if cell is not None}
    other = files.rename_values.get(feature.name, {})
    is_as_written = not other and all(map(is_, stripped, stripped.values()))
    texts = list(dict.fromkeys(text for text in stripped.values() if text not in files.missing))
    if is_as_written:
        stripped.clear()  # a column of a million different numbers has a dictionary of 100 MB at a time, not several
    renamed = {text: other[text] for text in texts if text in other}
    spelled = list(dict.fromkeys(renamed.get(text, text) for text in texts)) if renamed else texts
    read: Mapping[str, Any]
    if feature.is_string:
        read, note, doubt = {text: text_value(text, feature, files) for text in spelled}, "", None
    elif feature.is_datetime:
        order = files.date_order.get(feature.name)
        read, note, doubt = read_dates(spelled, feature, order), order_note(spelled, feature, order), None
    else:
        read, note, doubt = _numbers(spelled, feature, sheet.separator, files.decimal)
    if doubt is not None:
        return ReadColumn([], doubt=doubt)
    if not is_as_written:
        # a text that means a missing value may be the other spelling of a level
        named = ((cell, renamed.get(text, None if text in files.missing else text)) for cell, text in stripped.items())
        read = {cell: fill if text is None else read[text] for cell, text in named}
    return ReadColumn(list(map(read.get, cells, repeat(fill))), note)


def _numbers(
    texts: Sequence[str], feature: Feature, separator: str, decimal: DecimalMark | None
) -> tuple[Mapping[str, Any], str, tuple[str, str] | None]:
    if feature.is_boolean:
        return {text: boolean_value(text) for text in texts}, "", None
    truth = _truth(texts) if reads_truth(feature) else {}
    numbers = read_numbers(
        [text for text in texts if text not in truth],
        feature.type,
        separator=separator,
        is_negative=_may_be_negative(feature),
        decimal=decimal,
    )
    values = {**numbers.values, **truth} if truth else numbers.values
    return values, f"{feature.name}: {numbers.how}" if numbers.how else "", numbers.doubt


def _truth(texts: Sequence[str]) -> dict[str, int]:
    """The texts that Python and R write for 0 and 1, with their value."""
    return {text: TRUTH[text.lower()] for text in texts if text.lower() in TRUTH}


def _may_be_negative(feature: Feature) -> bool:
    if feature.allowed:
        return any(isinstance(value, int | float) and value < 0 for value in feature.allowed)
    return feature.minimum is None or feature.comparable(feature.minimum) < 0


def _json_value(cell: Any, feature: Feature, files: FileSettings) -> Any:
    value = json_value(_renamed(cell.strip() if isinstance(cell, str) else cell, feature, files), feature, files)
    if isinstance(value, str) and value and feature.is_datetime:
        return read_dates([value], feature, files.date_order.get(feature.name))[value]
    return value


def _renamed(value: Any, feature: Feature, files: FileSettings) -> Any:
    """Another spelling of a value of JSON, for a feature whose files have values to rename."""
    others = files.rename_values.get(feature.name)
    if not others or value is None or isinstance(value, list | dict):
        return value
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else written(value)
    if text not in others:
        return value
    other = others[text]
    return other if feature.is_string or feature.is_datetime else _as_number(other, feature)


def _as_number(text: str, feature: Feature) -> Any:
    value = read_numbers([text], feature.type, separator=",").values.get(text, text)
    return text if isinstance(value, Unreadable) else value
