"""A request that would outlast the gateway ends before its first window, or after it where no speed is known."""

from __future__ import annotations

from itertools import accumulate, chain

import pytest

from functions.core.errors import TooLargeError
from functions.predictors import reading_time
from functions.predictors.reading_time import ReadingSpeed, ReadingTime


@pytest.fixture
def request_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that arrives as its texts are read."""
    monkeypatch.setattr(reading_time, "seconds_left", lambda limit_seconds: limit_seconds)


def reading(tokens: int, *seconds: float) -> ReadingTime:
    """A request whose windows take these seconds each."""
    moments = chain([0.0], accumulate(seconds))
    return ReadingTime(tokens, ReadingSpeed(), limit_seconds=25.0, clock=lambda: next(moments))


@pytest.mark.usefixtures("request_arrived")
def test_a_pace_that_suffices_is_no_error() -> None:
    spent = reading(8000, 12.0, 12.0)
    spent.spend(4000)
    spent.spend(4000)


@pytest.mark.usefixtures("request_arrived")
def test_the_first_window_decides_for_all() -> None:
    spent = reading(8000, 4.0)
    with pytest.raises(
        TooLargeError, match="8000 tokens would take 32 seconds, more than 25, in which this model reads about 6250: "
    ):
        spent.spend(1000)


def test_what_the_request_waited_before_is_taken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_time, "seconds_left", lambda limit_seconds: limit_seconds - 20.5)
    with pytest.raises(
        TooLargeError, match=r"8000 tokens would take 8 seconds, more than 4\.5, in which .* about 4500"
    ):
        reading(8000, 1.0).spend(1000)


def test_outside_of_a_request_a_batch_or_a_measurement_takes_its_time() -> None:
    spent = reading(8000, 40.0, 400.0)
    spent.spend(4000)
    spent.spend(4000)


@pytest.mark.usefixtures("request_arrived")
def test_what_is_read_already_is_answered() -> None:
    reading(8000, 40.0).spend(8000)


@pytest.mark.usefixtures("request_arrived")
def test_a_known_speed_refuses_before_anything_is_read() -> None:
    speed = ReadingSpeed()
    speed.add(1000, 4.0)
    with pytest.raises(TooLargeError, match="8000 tokens would take 32 seconds"):
        ReadingTime(8000, speed, limit_seconds=25.0)
    ReadingTime(6000, speed, limit_seconds=25.0)


def test_the_speed_is_the_one_of_the_last_readings_that_nothing_else_slowed_down() -> None:
    speed = ReadingSpeed()
    assert speed.seconds_a_token == 0
    for seconds in (0.1, *[8.0] * 7):
        speed.add(1000, seconds)
    assert speed.seconds_a_token == pytest.approx(0.0001)
    speed.add(1000, 8.0)
    assert speed.seconds_a_token == pytest.approx(0.008)


def test_each_reading_of_a_request_is_remembered() -> None:
    moments, speed = iter([0.0, 3.0, 4.0]), ReadingSpeed()
    spent = ReadingTime(3000, speed, limit_seconds=25.0, clock=lambda: next(moments))
    spent.spend(1000)
    assert speed.seconds_a_token == pytest.approx(0.003)
    spent.spend(2000)
    assert speed.seconds_a_token == pytest.approx(0.0005)
