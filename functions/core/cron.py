"""Times at which something happens again and again, in the spelling of EventBridge: cron(0 3 * * ? *), in UTC.

The fields are minutes, hours, day of the month, month, day of the week (1 is Sunday) and year. One of the days is ?.
A field is *, or numbers, ranges (MON-FRI) and steps (0/15) between commas. The letters L, W and # are not read.
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CRON = re.compile(r"cron\((?P<fields>[^()]*)\)")
MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
WEEKDAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
ANY = "?"
FIRST_YEAR, LAST_YEAR = 1970, 2199


class CronError(ValueError):
    """A text that is no schedule; says which field, and what it may be."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    names: Mapping[str, int]


FIELDS = (
    _Field("minutes", 0, 59, {}),
    _Field("hours", 0, 23, {}),
    _Field("day of the month", 1, 31, {}),
    _Field("month", 1, 12, MONTHS),
    _Field("day of the week", 1, 7, WEEKDAYS),
    _Field("year", FIRST_YEAR, LAST_YEAR, {}),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A schedule; each field is the set of its numbers. A day that may be any is the full set."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Raises CronError."""
        match = CRON.fullmatch(text.strip())
        given = match["fields"].upper().split() if match else []
        if len(given) != len(FIELDS):
            raise CronError(
                "write cron(minutes hours day-of-month month day-of-week year), in UTC: cron(0 3 * * ? *) is every "
                "day at 3:00"
            )
        if (given[2] == ANY) == (given[4] == ANY):
            raise CronError("one of the day of the month and the day of the week is ?, the other one is not")
        return cls(*(_numbers(field, one) for field, one in zip(FIELDS, given, strict=True)))

    def next_after(self, moment: datetime) -> datetime | None:
        """The first time after an aware `moment`, in UTC; None if there is none."""
        start = moment.astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        return next((found for day in self._days_from(start) for found in self._times(day) if found >= start), None)

    def _days_from(self, start: datetime) -> Iterator[datetime]:
        day = start.replace(hour=0, minute=0)
        last = max(self.years)
        while day.year <= last:
            if day.year not in self.years:
                later = min((year for year in self.years if year > day.year), default=last + 1)
                day = datetime(later, 1, 1, tzinfo=UTC)
            elif day.month not in self.months:
                day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            else:
                if day.day in self.days and day.isoweekday() % 7 + 1 in self.weekdays:
                    yield day
                day += timedelta(days=1)

    def _times(self, day: datetime) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield day.replace(hour=hour, minute=minute)


def _numbers(field: _Field, text: str) -> frozenset[int]:
    return frozenset(number for part in text.split(",") for number in _part(field, part))


def _part(field: _Field, part: str) -> Sequence[int]:
    span, slash, step = part.partition("/")
    if slash and not step.isdecimal():
        raise _wrong(field, part)
    first, last = _span(field, span, part, is_open=bool(slash))
    if slash and not 1 <= int(step) <= field.most:
        raise _wrong(field, part)
    return range(first, last + 1, int(step) if slash else 1)


def _span(field: _Field, span: str, part: str, *, is_open: bool) -> tuple[int, int]:
    """The first and the last number; one number with a step goes on to the greatest."""
    if span in ("*", ANY):
        return field.least, field.most
    first, dash, last = span.partition("-")
    low = _number(field, first, part)
    high = _number(field, last, part) if dash else field.most if is_open else low
    if low > high:
        raise _wrong(field, part)
    return low, high


def _number(field: _Field, text: str, part: str) -> int:
    number = field.names.get(text, int(text) if text.isdecimal() and len(text) <= len(str(LAST_YEAR)) else -1)
    if not field.least <= number <= field.most:
        raise _wrong(field, part)
    return number


def _wrong(field: _Field, part: str) -> CronError:
    named = f", or {next(iter(field.names))} and so on" if field.names else ""
    return CronError(
        f"{field.name}: {part!r} is none; write *, numbers from {field.least} to {field.most}{named}, a range (1-5) or "
        "a step (0/2)"
    )
