"""Scheduled batches on a laptop, with a clock of the tests."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.core.batch_record import Batch
from functions.core.batch_submission import BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import BatchSchedule
from functions.core.local_storage import LocalStorage
from functions.local.scheduler import LONGEST_WAIT_SECONDS, Scheduler
from tests.core.test_batch_submission import DEFINITION

NIGHTLY = replace(DEFINITION, batch=BatchSchedule("cron(0 3 * * ? *)", "flats.csv", output="csv"))
EVENING = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)


class Night:
    """A scheduler of one model, and its clock."""

    def __init__(self, root: Path) -> None:
        self.time = EVENING
        self.records, self.files = LocalStorage(root / "registry"), LocalStorage(root / "home")
        self.scheduler = Scheduler(
            {"rent": NIGHTLY, "other": DEFINITION}, BatchSubmissions(self.records, self.files), lambda: self.time
        )

    def at(self, **later: int) -> list[Batch]:
        """Let time pass, and return the batches that there are then."""
        self.time += timedelta(**later)
        self.scheduler.start_due()
        return Batches(self.records, self.files).newest_first("rent").entries


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = Night(tmp_path)
    made.files.write("scheduled/rent/flats.csv", b"rooms,flat\n2,a\n")
    return made


def test_a_batch_of_the_file_of_that_moment_is_made_at_its_time_alone(night: Night) -> None:
    assert night.at(hours=3, minutes=59) == []
    (batch,) = night.at(minutes=1)
    night.files.write("scheduled/rent/flats.csv", b"rooms,flat\n3,b\n")
    assert night.files.read(batch.input).body == b"rooms,flat\n2,a\n"
    assert (batch.output, batch.lookup, batch.actor) == ("csv", True, "schedule")
    assert len(night.at(hours=1)) == 1
    assert len(night.at(hours=23)) == 2


def test_of_the_times_of_a_long_sleep_the_last_counts(night: Night) -> None:
    assert len(night.at(days=5)) == 1


def test_a_clock_that_was_far_ahead_holds_no_time_up_once_it_is_set(night: Night) -> None:
    assert len(night.at(days=400)) == 1
    night.at(days=-400, hours=-1)
    assert len(night.at(hours=1)) == 1
    assert len(night.at(hours=4)) == 2


def test_two_schedulers_make_one_batch(night: Night) -> None:
    other = Scheduler({"rent": NIGHTLY}, BatchSubmissions(night.records, night.files), lambda: night.time)
    night.at(hours=5)
    other.start_due()
    assert len(night.at()) == 1


def test_a_file_that_is_not_there_is_logged_and_makes_no_batch(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    night.files.delete("scheduled/rent/flats.csv")
    assert night.at(hours=5) == []
    assert "no scheduled batch of rent" in caplog.text
    assert "scheduled/rent/flats.csv" in caplog.text


def test_the_wait_ends_at_the_next_time_and_is_short_enough_for_a_clock_that_is_set(night: Night) -> None:
    assert night.scheduler.seconds_left() == LONGEST_WAIT_SECONDS
    night.time = EVENING + timedelta(hours=3, minutes=59, seconds=50)
    assert night.scheduler.seconds_left() == 10


def test_without_a_schedule_nothing_waits(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    Scheduler({"rent": DEFINITION}, BatchSubmissions(storage, storage)).run(threading.Event())
