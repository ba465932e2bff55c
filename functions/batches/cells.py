"""The cells of a plain CSV file as values of a feature: numbers as programs write them, dates as ISO 8601."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from functions.core.definition import FileSettings
from functions.core.errors import Fault
from functions.core.schema import Feature
from functions.core.spelling import snake_case

TRUTH = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+", re.ASCII)


def cell_values(feature: Feature, cells: Sequence[str], files: FileSettings) -> tuple[list[Any], list[Fault]]:
    """The value of each cell, and a fault at (row, name) for each one that is none; its value is None then.

    Missing cells are filled, and texts spelled, as `files` says. The rules of the feature are not applied.
    """
    missing, fill = frozenset(files.missing), files.fill.get(feature.name)
    other = files.rename_values.get(feature.name, {})
    is_snake_case = files.snake_case_values and feature.is_string and feature.categorical
    # columns have few distinct cells, so each distinct one is read once
    read: dict[str, Any] = {}
    for cell in set(cells):
        text = cell.strip()
        value = fill if text in missing else _value(feature, other.get(text, text))
        read[cell] = snake_case(value) if is_snake_case and isinstance(value, str) and text not in missing else value
    values = list(map(read.__getitem__, cells))
    if not any(isinstance(value, Fault) for value in read.values()):
        return values, []
    faults = [
        Fault((row, feature.name), value.msg, value.type)
        for row, value in enumerate(values)
        if isinstance(value, Fault)
    ]
    return [None if isinstance(value, Fault) else value for value in values], faults


def _value(feature: Feature, text: str) -> Any:
    if feature.is_string or feature.is_datetime:
        return _text(feature, text)
    if feature.is_boolean or (feature.allowed == (0, 1) and text.lower() in ("true", "false")):
        return _truth(feature, text)
    # a whole number of three decimals may be one with thousands: 70.000
    if not NUMBER.fullmatch(text) or (feature.type == "integer" and THOUSANDS.fullmatch(text)):
        return Fault((), f"{text[:60]!r} is not a number", f"{feature.type}_parsing")
    return _number(feature, text)


def _text(feature: Feature, text: str) -> str | Fault:
    if feature.is_string and feature.categorical and text.startswith("="):
        return Fault((), f"{text[:60]!r} is a formula: save the file with its values", "formula")
    return text


def _truth(feature: Feature, text: str) -> bool | int | Fault:
    truth = TRUTH.get(text.lower())
    if truth is None:
        return Fault((), f"{text[:60]!r} is neither true nor false", "boolean_parsing")
    return truth if feature.is_boolean else int(truth)


def _number(feature: Feature, text: str) -> int | float | Fault:
    try:
        is_whole = feature.type == "integer" and text.lstrip("+-").isdecimal()
        return int(text) if is_whole else float(text)
    except ValueError:  # more digits than Python converts
        return Fault((), f"{text[:60]!r} is not a number", f"{feature.type}_parsing")
