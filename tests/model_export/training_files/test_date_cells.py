"""Cells with dates: ISO 8601, or the order of numbers that the model's files say; nothing is guessed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.cell_values import Unreadable
from functions.core.datetimes import DateOrder
from functions.core.schema import Feature
from model_export.training_files.date_cells import as_iso, is_date, order_note, possible_orders, read_dates

SOLD = Feature("sold", "datetime")
UTC = Feature("sold at", "datetime", time_zone="UTC")
ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)


def one(text: str, order: DateOrder | None = None, feature: Feature = SOLD) -> Any:
    return read_dates([text], feature, order)[text]


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2024-12-13", None, datetime(2024, 12, 13)),
        ("2024-12-13 10:30", None, datetime(2024, 12, 13, 10, 30)),
        ("13/12/2024", "day-month-year", datetime(2024, 12, 13)),
        ("1/2/2024", "day-month-year", datetime(2024, 2, 1)),
        ("1/2/2024", "month-day-year", datetime(2024, 1, 2)),
        ("01.02.2024", "day-month-year", datetime(2024, 2, 1)),
        ("13-12-2024 9:05", "day-month-year", datetime(2024, 12, 13, 9, 5)),
        ("12/13/2024 09:05:30.5", "month-day-year", datetime(2024, 12, 13, 9, 5, 30, 500_000)),
        ("2024/12/13", "year-month-day", datetime(2024, 12, 13)),
        ("2024-12-13", "day-month-year", datetime(2024, 12, 13)),
        ("2024-12-13T10:30", "month-day-year", datetime(2024, 12, 13, 10, 30)),
    ],
)
def test_dates_are_read_as_iso_8601_or_in_the_order_of_the_files(
    text: str, order: DateOrder | None, expected: datetime
) -> None:
    assert one(text, order) == expected


def test_an_offset_may_follow_the_numbers() -> None:
    assert one("13/12/2024 10:30+02:00", "day-month-year", UTC) == datetime(2024, 12, 13, 8, 30)


@pytest.mark.parametrize(
    ("text", "order", "remedy"),
    [
        ("13/12/2024", None, '[files] date_order = { "sold" = "day-month-year" } in model.toml says the order'),
        ("12/13/2024", None, '[files] date_order = { "sold" = "month-day-year" } in model.toml says the order'),
        ("2024/12/13", None, '[files] date_order = { "sold" = "year-month-day" } in model.toml says the order'),
        ("1/2/2024", None, 'date_order = { "sold" = "day-month-year" or "month-day-year" } in model.toml'),
        ("1/2/24", None, "no date and time in ISO 8601, such as 2026-11-29 or 2026-11-29T10:30:00; write years with"),
        ("31/02/2024", None, "is no date and time in ISO 8601"),
        ("31/02/2024", "day-month-year", "'31/02/2024' read as day-month-year: '2024-02-31' is no day of the calendar"),
        ("13/12/2024", "month-day-year", "'13/12/2024' read as month-day-year: '2024-13-12' is no day of the calendar"),
        ("13/12.2024", "day-month-year", "'13/12.2024' is no date and time in ISO 8601"),
        ("13/12/2024 10:30 PM", "day-month-year", "'2024-12-13 10:30 PM' is no date and time in ISO 8601"),
        ("yesterday", "day-month-year", "'yesterday' is no date and time in ISO 8601"),
        ("45639", None, "'45639' is no date and time in ISO 8601"),
        ("2024-12-13T10:30Z", None, 'with time_zone = "UTC" in model.toml the model reads times with an offset'),
    ],
)
def test_what_is_no_date_says_what_would_help(text: str, order: DateOrder | None, remedy: str) -> None:
    found = one(text, order)
    assert isinstance(found, Unreadable)
    assert remedy in found.fault[0]


def test_a_time_without_offset_says_which_setting_reads_it() -> None:
    found = one("2024-12-13T10:30", None, UTC)
    assert isinstance(found, Unreadable)
    assert found.fault[0].endswith('without time_zone = "UTC" in model.toml the model reads times as they are written')
    assert found.fault[1] == "timezone_aware"


def test_dates_in_another_order_are_noted() -> None:
    texts = ["2024-12-13", "13/12/2024", "1/2/2024"]
    assert order_note(texts, SOLD, "day-month-year") == "sold: dates are day-month-year ('13/12/2024' is 2024-12-13)"
    assert order_note(texts[:1], SOLD, "day-month-year") == order_note(texts, SOLD, None) == ""


@given(st.dates(), st.sampled_from("/.-"), st.booleans())
def test_every_day_is_read_back_in_its_order(day: date, mark: str, is_padded: bool) -> None:
    width = 2 if is_padded else 1
    numbers = {"day": f"{day.day:0{width}}", "month": f"{day.month:0{width}}", "year": f"{day.year:04}"}
    for order in ORDERS:
        text = mark.join(numbers[part] for part in order.split("-"))
        assert as_iso(text, order) == day.isoformat()
        assert order in possible_orders([text])


@pytest.mark.parametrize(
    ("texts", "orders"),
    [
        (["13/12/2024", "01/02/2024"], ["day-month-year"]),
        (["12/13/2024"], ["month-day-year"]),
        (["01/02/2024"], ["day-month-year", "month-day-year"]),
        (["13/12/2024", "12/13/2024"], []),
        (["2024/01/02"], ["year-month-day"]),
        (["13/12/2024", "soon"], []),
        ([], []),
    ],
)
def test_the_orders_of_a_column_are_those_in_which_every_text_is_a_date(
    texts: list[str], orders: list[DateOrder]
) -> None:
    assert possible_orders(texts) == orders


def test_dates_of_both_time_zones_are_dates() -> None:
    assert [is_date(text) for text in ("2024-12-13", "2024-12-13T10:30Z", "2024-02-30", "13/12/2024", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]
