"""Dates, ranges of dates and hours as Spanish pages write them."""

from __future__ import annotations

import datetime

from zoo.draws import Draws

MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
DAY_MONTH_YEAR = "{day} de {month} {of} {year}"
DAY_MONTH = "{day} de {month}"
STYLES = {
    DAY_MONTH_YEAR: 5.0,
    DAY_MONTH: 2.5,
    "{weekday} {day} de {month}": 1.0,
    "{weekday} {day} de {month} {of} {year}": 1.0,
    "{weekday}, {day} de {month} de {year}": 0.3,
    "{day:02}/{number:02}/{year}": 1.5,
    "{day}/{number}/{year}": 0.5,
    "{day:02}-{number:02}-{year}": 0.5,
    "{day:02}.{number:02}.{year}": 0.4,
    "{day}-{short}-{year}": 0.4,
    "{day:02} de {month} de {year}": 1.0,
    "{day:02}/{short}/{year}": 0.3,
}
"""By how often; all hold what `write` fills."""
RANGE_STYLES = {
    "del {first} al {last}": 5.0,
    "desde el {first} hasta el {last}": 1.5,
    "entre el {first} y el {last}": 1.2,
    "a partir del {first} y hasta el {last}": 0.5,
}
OPEN_STYLES = ("hasta el {last}", "a más tardar el {last}", "antes del {last}", "a partir del {last}")


def one_date(draws: Draws, year: int) -> str:
    return write(_day(draws, year), draws.weighted(STYLES), draws)


def date_range(draws: Draws, year: int) -> str:
    """A phrase that answers when: with both ends mostly, sometimes with one."""
    last = _day(draws, year)
    if draws.chance(0.1):
        return draws.one_of(OPEN_STYLES).format(last=write(last, draws.weighted(STYLES), draws))
    first = last - datetime.timedelta(days=draws.whole(2, 45))
    if draws.chance(0.06):
        return (
            f"de {MONTHS[first.month - 1]} a {MONTHS[last.month - 1 if last.month != first.month else last.month % 12]}"
        )
    style = draws.weighted(STYLES)
    return draws.weighted(RANGE_STYLES).format(
        first=_first_end(first, last, style, draws), last=write(last, style, draws)
    )


def write(date: datetime.date, style: str, draws: Draws) -> str:
    month = MONTHS[date.month - 1]
    return style.format(
        day=date.day,
        number=date.month,
        month=month,
        short=month[:3],
        year=date.year,
        weekday=DAYS[date.weekday()],
        of="del" if draws.chance(0.15) else "de",
    )


def clock(draws: Draws, first: int, last: int) -> str:
    """A full, half or quarter hour of the day, with no word beside it."""
    return f"{draws.whole(first, last)}:{draws.one_of(('00', '00', '30', '15'))}"


def _first_end(first: datetime.date, last: datetime.date, style: str, draws: Draws) -> str:
    """The earlier end, with what it shares with the later one often left out."""
    if style not in (DAY_MONTH_YEAR, DAY_MONTH):
        return write(first, style, draws)
    if first.month == last.month and draws.chance(0.75):
        return f"{first.day:02}" if draws.chance(0.25) else str(first.day)
    return write(first, DAY_MONTH if first.year == last.year or style == DAY_MONTH else style, draws)


def _day(draws: Draws, year: int) -> datetime.date:
    return datetime.date(year, 1, 1) + datetime.timedelta(days=draws.whole(0, 364))
