"""Reading of cells as dates and times: as ISO 8601 writes them, or in the order that the model's files say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from functions.core.cell_values import Unreadable
from functions.core.datetimes import DateOrder, DatetimeError, read_datetime, time_zone_of
from functions.core.schema import Feature
from model_export.training_files.faults import brief

NUMBERS = re.compile(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})(?:[T ]+(.+))?")
SHORT_HOUR = re.compile(r"[0-9]:")
ORDERS: Mapping[DateOrder, tuple[int, int, int]] = {
    "day-month-year": (2, 1, 0),
    "month-day-year": (2, 0, 1),
    "year-month-day": (0, 1, 2),
}
"""The places of the year, the month and the day."""
YEAR_DIGITS = 4
ZONE_HINTS = {
    "timezone_naive": '; with time_zone = "UTC" in model.toml the model reads times with an offset',
    "timezone_aware": '; without time_zone = "UTC" in model.toml the model reads times as they are written',
}


def read_dates(texts: Iterable[str], feature: Feature, order: DateOrder | None) -> dict[str, datetime | Unreadable]:
    """The datetime of each text, or Unreadable with a fault that names what would help."""
    return {text: _date(text, feature, order) for text in texts}


def order_note(texts: Iterable[str], feature: Feature, order: DateOrder | None) -> str:
    """A note with the first text that is not written as ISO 8601 would; empty where there is none."""
    changed = next((text for text in texts if as_iso(text, order) != text), None)
    return f"{feature.name}: dates are {order} ({brief(changed)} is {as_iso(changed, order)})" if changed else ""


def as_iso(text: str, order: DateOrder | None) -> str:
    """The text as ISO 8601 writes it, if it has the numbers of a date in that order; any other text unchanged."""
    found = NUMBERS.fullmatch(text) if order else None
    if order is None or found is None:
        return text
    first, _, second, third, time = found.groups()
    year, month, day = ((first, second, third)[place] for place in ORDERS[order])
    if len(year) != YEAR_DIGITS or max(len(month), len(day)) > 2:
        return text
    clock = f" {'0' * bool(SHORT_HOUR.match(time))}{time}" if time else ""
    return f"{year}-{month:0>2}-{day:0>2}{clock}"


def possible_orders(texts: Sequence[str]) -> list[DateOrder]:
    """The orders in which every text is a date of the calendar; none for texts that are no such dates."""
    return [order for order in ORDERS if texts and all(is_date(as_iso(text, order)) for text in texts)]


def is_date(text: str) -> bool:
    """Return True for a date and time in ISO 8601, of either time zone."""
    zone = time_zone_of(text)
    try:
        return zone is not None and bool(read_datetime(text, zone))
    except DatetimeError:
        return False


def _date(text: str, feature: Feature, order: DateOrder | None) -> datetime | Unreadable:
    iso = as_iso(text, order)
    try:
        return read_datetime(iso, feature.time_zone)
    except DatetimeError as error:
        read_as = f"{brief(text)} read as {order}: " if iso != text else ""
        hint = ZONE_HINTS.get(error.kind) or _hint(iso, feature, order)
        return Unreadable((f"{read_as}{error}{hint}", error.kind))


def _hint(text: str, feature: Feature, order: DateOrder | None) -> str:
    """The setting of model.toml that would help, for numbers in another order than that of ISO 8601."""
    found = NUMBERS.fullmatch(text)
    if found is None or is_date(text) or order:
        return ""
    if YEAR_DIGITS not in (len(found[1]), len(found[4])):
        return "; write years with four digits"
    orders = [f'"{one}"' for one in ORDERS if is_date(as_iso(text, one))]
    setting = f"[files] date_order = {{ {json.dumps(feature.name)} = {' or '.join(orders)} }}"
    return f"; {setting} in model.toml says the order of its numbers" if orders else ""
