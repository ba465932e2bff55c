"""Dates and times: texts of ISO 8601 alone, read to the microsecond, in the time zone that the feature says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.core.datetimes import (
    EXAMPLES,
    LONGEST,
    PATTERNS,
    DatetimeError,
    TimeZone,
    read_datetime,
    time_zone_of,
    written_datetime,
)

ZONES: tuple[TimeZone, ...] = get_args(TimeZone)
OFFSETS = st.integers(-(24 * 60 - 1), 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def refusal(text: str, zone: TimeZone) -> DatetimeError:
    with pytest.raises(DatetimeError) as caught:
        read_datetime(text, zone)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-29", datetime(2026, 11, 29)),
        ("2026-11-29T10:30", datetime(2026, 11, 29, 10, 30)),
        ("2026-11-29 10:30:59", datetime(2026, 11, 29, 10, 30, 59)),
        ("2026-11-29T10:30:59.5", datetime(2026, 11, 29, 10, 30, 59, 500_000)),
        ("2026-11-29T10:30:59.000001", datetime(2026, 11, 29, 10, 30, 59, 1)),
        ("2026-11-29T10:30:59.123456000", datetime(2026, 11, 29, 10, 30, 59, 123_456)),
        ("2026-11-29T10:30:59.1234560", datetime(2026, 11, 29, 10, 30, 59, 123_456)),
        ("2024-02-29", datetime(2024, 2, 29)),
        ("2000-02-29", datetime(2000, 2, 29)),
        ("0001-01-01", datetime.min),
        ("9999-12-31T23:59:59.999999", datetime.max),
        ("1969-12-31T23:59:59.999999", datetime(1969, 12, 31, 23, 59, 59, 999_999)),
    ],
)
def test_a_time_without_time_zone_is_read_as_it_is_written(text: str, expected: datetime) -> None:
    assert read_datetime(text, "none") == expected
    assert time_zone_of(text) == "none"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-29T10:30Z", datetime(2026, 11, 29, 10, 30)),
        ("2026-11-29 10:30:00+00", datetime(2026, 11, 29, 10, 30)),
        ("2026-11-29T10:30:00.5+02:00", datetime(2026, 11, 29, 8, 30, 0, 500_000)),
        ("2026-11-29T10:30:00+0530", datetime(2026, 11, 29, 5, 0)),
        ("2026-11-29T23:30:00-01:00", datetime(2026, 11, 30, 0, 30)),
        ("2024-03-01T00:30:00+01:00", datetime(2024, 2, 29, 23, 30)),
        ("2026-11-29T10:30:00-00:00", datetime(2026, 11, 29, 10, 30)),
        ("0001-01-01T23:59:00+23:59", datetime.min),
    ],
)
def test_a_time_with_an_offset_is_brought_to_utc(text: str, expected: datetime) -> None:
    assert read_datetime(text, "UTC") == expected
    assert time_zone_of(text) == "UTC"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("2026-02-30", "is no day of the calendar"),
        ("2025-02-29", "is no day of the calendar"),
        ("1900-02-29", "is no day of the calendar"),
        ("2026-13-01", "is no day of the calendar"),
        ("2026-00-10", "is no day of the calendar"),
        ("2026-04-31", "is no day of the calendar"),
        ("0000-01-01", "is no day of the calendar"),
    ],
)
def test_a_day_that_the_calendar_lacks_is_refused(date: str, reason: str, zone: TimeZone) -> None:
    text = f"{date}T10:30" + ("Z" if zone == "UTC" else "")
    assert str(refusal(text, zone)) == f"{text!r} {reason}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-11-29T24:00", "a time is from 00:00:00 to 23:59:59.999999"),
        ("2026-11-29T24:00:00", "a time is from 00:00:00 to 23:59:59.999999"),
        ("2026-11-29T10:60", "a time is from 00:00:00 to 23:59:59.999999"),
        ("2026-12-31T23:59:60", "a time is from 00:00:00 to 23:59:59.999999"),
        ("2026-11-29T10:30:00.1234567", "is finer than a microsecond: round it to six digits"),
        ("2026-11-29T10:30:00.0000000001", "is finer than a microsecond: round it to six digits"),
        ("2026-11-29T10:30:00.1000000000", "is finer than a microsecond: round it to six digits"),
        ("2026-11-29T10:30+24:00", "after a time, an offset is Z or from -23:59 to +23:59"),
        ("2026-11-29T10:30+02:60", "after a time, an offset is Z or from -23:59 to +23:59"),
        ("2026-11-29Z", "after a time, an offset is Z or from -23:59 to +23:59"),
        ("2026-11-29T10:30Z", "must have no offset: the model reads times without time zone"),
        ("29/11/2026", "is no date and time in ISO 8601, such as 2026-11-29 or 2026-11-29T10:30:00"),
        ("20261129", "is no date and time in ISO 8601"),
        ("2026-W48-7", "is no date and time in ISO 8601"),
        ("2026-333", "is no date and time in ISO 8601"),
        ("2026-11", "is no date and time in ISO 8601"),
        ("26-11-29", "is no date and time in ISO 8601"),
        ("10000-01-01", "is no date and time in ISO 8601"),
        ("+2026-11-29", "is no date and time in ISO 8601"),
        ("-0001-01-01", "is no date and time in ISO 8601"),
        ("2026-11-29T10", "is no date and time in ISO 8601"),
        ("2026-11-29T10:30:00,5", "is no date and time in ISO 8601"),
        ("2026-11-29T10:30:00.", "is no date and time in ISO 8601"),
        ("2026-11-29t10:30", "is no date and time in ISO 8601"),
        ("2026-11-29  10:30", "is no date and time in ISO 8601"),
        ("2026-11-29T10:30 Z", "is no date and time in ISO 8601"),
        ("2026-11-29T10:30[Europe/Madrid]", "is no date and time in ISO 8601"),
        ("2026-11-29\n", "is no date and time in ISO 8601"),
        (" 2026-11-29", "is no date and time in ISO 8601"),
        ("\uff12\uff10\uff12\uff16-\uff11\uff11-\uff12\uff19", "is no date and time in ISO 8601"),
        ("\u0662\u0660\u0662\u0666-\u0661\u0661-\u0662\u0669", "is no date and time in ISO 8601"),
        ("2026\u201011\u201029", "is no date and time in ISO 8601"),
        ("", "is no date and time in ISO 8601"),
        ("now", "is no date and time in ISO 8601"),
        ("1764374400", "is no date and time in ISO 8601"),
    ],
)
def test_any_other_text_is_refused_with_the_reason(text: str, reason: str) -> None:
    assert reason in str(refusal(text, "none"))


def test_a_long_text_is_refused_at_once_and_shown_in_part() -> None:
    for text in ("2" * 5_000_000, "2026-11-29T10:30:00." + "1" * 5_000_000, "2026-11-29T10:30:00." + "0" * 5_000_000):
        assert len(str(refusal(text, "none"))) < 200


@pytest.mark.parametrize("text", ["2026-11-29", "2026-11-29T10:30", "2026-11-29 10:30:00.5"])
def test_a_time_without_offset_is_never_taken_for_utc(text: str) -> None:
    found = refusal(text, "UTC")
    assert "must have a time and an offset: the model reads times in UTC" in str(found)
    assert found.kind == "timezone_aware"


def test_a_time_with_an_offset_is_never_taken_for_a_local_one() -> None:
    found = refusal("2026-11-29T10:30+02:00", "none")
    assert "send the time of the place where it was trained" in str(found)
    assert found.kind == "timezone_naive"


@pytest.mark.parametrize("text", ["0001-01-01T00:00+00:01", "9999-12-31T23:59:59.999999-00:01"])
def test_a_time_that_is_in_no_year_of_utc_is_refused(text: str) -> None:
    assert "is not within the years 1 to 9999 in UTC" in str(refusal(text, "UTC"))


@given(st.datetimes())
@example(datetime.min)
@example(datetime.max)
def test_every_moment_reads_back_as_it_was_written(moment: datetime) -> None:
    for zone in ZONES:
        written = written_datetime(moment, zone)
        assert read_datetime(written, zone) == moment
        assert time_zone_of(written) == zone


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31)), OFFSETS)
def test_an_offset_moves_a_time_as_python_does(moment: datetime, zone: timezone) -> None:
    local = moment.replace(tzinfo=zone)
    assert read_datetime(local.isoformat(), "UTC") == local.astimezone(UTC).replace(tzinfo=None)


@given(st.text(alphabet="0123456789-:.TZ+ W/", max_size=36) | st.text(max_size=20))
@example("2026-11-29T10:30:00.123456000+02:00")
def test_whatever_is_read_is_of_the_published_pattern_and_of_one_zone_alone(text: str) -> None:
    taken = []
    for zone in ZONES:
        try:
            read_datetime(text, zone)
        except DatetimeError:
            continue
        taken.append(zone)
        assert re.search(f"^(?:{PATTERNS[zone]})$", text)
        assert len(text) <= LONGEST
    assert len(taken) <= 1


def test_a_midnight_without_time_zone_is_written_as_a_date() -> None:
    assert written_datetime(datetime(2026, 11, 29), "none") == "2026-11-29"
    assert written_datetime(datetime(2026, 11, 29), "UTC") == "2026-11-29T00:00:00Z"
    assert written_datetime(datetime(2026, 11, 29, 0, 0, 0, 1), "none") == "2026-11-29T00:00:00.000001"


def test_the_examples_are_taken() -> None:
    for zone, examples in EXAMPLES.items():
        assert [time_zone_of(text) for text in examples.split(" or ")] == [zone, zone]


@pytest.mark.parametrize("pattern", PATTERNS.values())
def test_the_published_patterns_are_of_the_syntax_that_all_engines_share(pattern: str) -> None:
    assert set(re.findall(r"\(\?.", pattern)) == {"(?:"}
    assert pattern.isascii()
