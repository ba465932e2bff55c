"""Times: one written form, in UTC, in which the order of texts is the order of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from functions.core.clock import now, stamp

MOMENTS = st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.timezones())


def test_a_whole_second_has_its_microseconds_too() -> None:
    assert stamp(datetime(2026, 1, 31, 12, tzinfo=UTC)) == "2026-01-31T12:00:00.000000Z"


def test_another_time_zone_is_converted() -> None:
    madrid = timezone(timedelta(hours=2))
    assert stamp(datetime(2026, 7, 1, 1, 30, 0, 5, tzinfo=madrid)) == "2026-06-30T23:30:00.000005Z"


@given(MOMENTS, MOMENTS)
def test_texts_sort_as_times_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) is (one.astimezone(UTC) < other.astimezone(UTC))


def test_seconds_are_added_to_the_present() -> None:
    before = datetime.now(UTC)
    later = datetime.fromisoformat(now(plus_seconds=90.5))
    after = datetime.now(UTC)
    assert before + timedelta(seconds=90.5) <= later <= after + timedelta(seconds=90.5)
