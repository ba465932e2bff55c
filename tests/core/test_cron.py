"""Schedules in the spelling of EventBridge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.cron import Cron, CronError
from tests.generated import examples


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "moment", "expected"),
    [
        ("cron(0 3 * * ? *)", "2026-11-29T02:59:59", "2026-11-29T03:00"),
        ("cron(0 3 * * ? *)", "2026-11-29T03:00", "2026-11-30T03:00"),
        ("cron(30 6 ? * MON-FRI *)", "2026-11-28T00:00", "2026-11-30T06:30"),
        ("cron(30 6 ? * 1 *)", "2026-11-28T00:00", "2026-11-29T06:30"),
        ("cron(0/15 * * * ? *)", "2026-11-29T10:14:30", "2026-11-29T10:15"),
        ("cron(5,10-12 0 1 jan ? *)", "2026-01-01T00:10", "2026-01-01T00:11"),
        ("cron(0 0 31 * ? *)", "2026-04-01T00:00", "2026-05-31T00:00"),
        ("cron(0 0 29 2 ? *)", "2026-03-01T00:00", "2028-02-29T00:00"),
        ("cron(0 0 1 1 ? 2030)", "2026-03-01T00:00", "2030-01-01T00:00"),
    ],
)
def test_the_next_time(cron: str, moment: str, expected: str) -> None:
    assert Cron.parse(cron).next_after(at(moment)) == at(expected)


def test_a_schedule_that_is_over_has_no_next_time() -> None:
    assert Cron.parse("cron(0 0 1 1 ? 2020)").next_after(at("2026-01-01")) is None
    assert Cron.parse("cron(0 0 30 2 ? 2027)").next_after(at("2026-01-01")) is None


def test_moments_of_other_zones_are_compared_in_utc() -> None:
    moment = datetime.fromisoformat("2026-11-29T04:30:00+02:00")
    assert Cron.parse("cron(0 3 * * ? *)").next_after(moment) == at("2026-11-29T03:00")


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 3 * * ? *", "write cron"),
        ("cron(0 3 * * ?)", "write cron"),
        ("cron(0 3 * * * *)", "is ?"),
        ("cron(0 3 ? * ? *)", "is ?"),
        ("cron(60 3 * * ? *)", "minutes: '60'"),
        ("cron(0 3 L * ? *)", "day of the month: 'L'"),
        ("cron(0 3 ? * MON#1 *)", "day of the week: 'MON#1'"),
        ("cron(0 3 9-5 * ? *)", "'9-5'"),
        ("cron(0/0 3 * * ? *)", "'0/0'"),
        ("cron(0/x 3 * * ? *)", "'0/X'"),
        ("cron(0 3 * FOO ? *)", "month: 'FOO'"),
    ],
)
def test_a_text_that_is_no_schedule_is_refused_with_its_field(cron: str, message: str) -> None:
    with pytest.raises(CronError) as caught:
        Cron.parse(cron)
    assert message in str(caught.value)


NUMBERS = {"minutes": st.integers(0, 59), "hours": st.integers(0, 23), "weekday": st.integers(1, 7)}


@examples(30)
@given(
    st.lists(NUMBERS["minutes"], min_size=1, max_size=4),
    st.lists(NUMBERS["hours"], min_size=1, max_size=3),
    st.lists(NUMBERS["weekday"], min_size=1, max_size=3),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
)
def test_no_time_lies_between_a_moment_and_the_next_time(
    minutes: list[int], hours: list[int], weekdays: list[int], naive: datetime
) -> None:
    cron = Cron.parse(
        f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} ? * {','.join(map(str, weekdays))} *)"
    )
    moment = naive.replace(tzinfo=UTC)

    def is_in(time: datetime) -> bool:
        return time.minute in minutes and time.hour in hours and time.isoweekday() % 7 + 1 in weekdays

    expected = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while not is_in(expected):
        expected += timedelta(minutes=1)
    assert cron.next_after(moment) == expected
