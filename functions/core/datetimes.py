"""Dates and times as ISO 8601 writes them: read exactly, or refused with the reason."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

TimeZone = Literal["none", "UTC"]
DateOrder = Literal["day-month-year", "month-day-year", "year-month-day"]
"""The order of the numbers in the dates of a file that are not written as in ISO 8601."""
SECONDS = r"[0-5][0-9](?:\.[0-9]{1,6}0{0,3})?"
"""Microseconds are kept; some clients write nine digits, of which the last three have to be zeros."""
DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
TIME = rf"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::{SECONDS})?"
OFFSET = r"(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
PATTERNS: dict[TimeZone, str] = {"none": rf"{DATE}(?:[T ]{TIME})?", "UTC": rf"{DATE}[T ]{TIME}{OFFSET}"}
"""The texts of a feature by its time zone, as regular expressions without anchors.

They are published, so they have nothing that the engines of Go and Rust lack, such as a look ahead.
"""
EXAMPLES: dict[TimeZone, str] = {
    "none": "2026-11-29 or 2026-11-29T10:30:00",
    "UTC": "2026-11-29T10:30:00Z or 2026-11-29T12:30:00+02:00",
}
LONGEST = len("2026-11-29T10:30:00.123456000+02:00")
READABLE: dict[TimeZone, re.Pattern[str]] = {
    "none": re.compile(PATTERNS["none"]),
    "UTC": re.compile(rf"{DATE}[T ]{TIME}({OFFSET})"),
}
# Texts that look right: the fault is then a number in them, or the time zone.
ALIKE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?"
    r"(Z|[+-][0-9:]{2,6})?"
)
LAST_HOUR, LAST_MINUTE, MICROSECOND_DIGITS = 23, 59, 6


class DatetimeError(ValueError):
    """A text that is no date and time, or not one of the feature's time zone; `kind` is the type of the fault."""

    def __init__(self, msg: str, kind: str = "datetime_parsing") -> None:
        super().__init__(msg)
        self.kind = kind


def read_datetime(text: str, zone: TimeZone) -> datetime:
    """The date and time in `text` without tzinfo; a date alone means its midnight.

    With the zone UTC a text has a time and an offset, and is brought to UTC; with `none` it has no offset, and stays
    as it is. Raises DatetimeError.
    """
    found = READABLE[zone].fullmatch(text)
    if found is None:
        raise _fault(text, zone)
    # a datetime with tzinfo would cost four times as much
    offset = found[1] if zone == "UTC" else ""
    try:
        moment = datetime.fromisoformat(text[: len(text) - len(offset)])
    except ValueError:
        raise _no_day(text) from None
    try:
        return moment - _ahead_of_utc(offset) if offset not in ("", "Z") else moment
    except OverflowError:
        raise DatetimeError(f"{_brief(text)} is not within the years 1 to 9999 in UTC") from None


def written_datetime(moment: datetime, zone: TimeZone) -> str:
    """The shortest text that reads back as `moment`."""
    if zone == "UTC":
        return f"{moment.isoformat()}Z"
    return moment.isoformat().removesuffix("T00:00:00")


def time_zone_of(text: str) -> TimeZone | None:
    """The time zone of a feature that has this value; None if there is none."""
    return next((zone for zone, pattern in READABLE.items() if pattern.fullmatch(text)), None)


@lru_cache(maxsize=256)
def _ahead_of_utc(offset: str) -> timedelta:
    """The time in +02:00, -0330 or +01."""
    hours, minutes = int(offset[1:3]), int(offset[-2:]) if len(offset) > len("+02") else 0
    return timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)


def _fault(text: str, zone: TimeZone) -> DatetimeError:
    found = ALIKE.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return DatetimeError(f"{_brief(text)} is no date and time in ISO 8601, such as {EXAMPLES[zone]}")
    date, hour, minute, second, fraction, offset = found.groups(default="")
    if time_zone_of(date) is None:
        return _no_day(text)
    if int(hour or 0) > LAST_HOUR or max(int(minute or 0), int(second or 0)) > LAST_MINUTE:
        return DatetimeError(f"{_brief(text)}: a time is from 00:00:00 to 23:59:59.999999")
    if fraction[MICROSECOND_DIGITS:].strip("0") or len(fraction) > MICROSECOND_DIGITS + 3:
        return DatetimeError(f"{_brief(text)} is finer than a microsecond: round it to six digits")
    if offset and time_zone_of(text) is None:
        return DatetimeError(f"{_brief(text)}: after a time, an offset is Z or from -23:59 to +23:59")
    if zone == "none":
        hint = "the model reads times without time zone, so send the time of the place where it was trained"
        return DatetimeError(f"{_brief(text)} must have no offset: {hint}", "timezone_naive")
    hint = f"the model reads times in UTC, such as {EXAMPLES[zone]}"
    return DatetimeError(f"{_brief(text)} must have a time and an offset: {hint}", "timezone_aware")


def _no_day(text: str) -> DatetimeError:
    return DatetimeError(f"{_brief(text)} is no day of the calendar")


def _brief(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
