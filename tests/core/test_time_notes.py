"""Notes of the times of jobs, on a folder and on S3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.clock import now, stamp
from functions.core.errors import StorageError
from functions.core.local_storage import LocalStorage
from functions.core.storage import Storage
from functions.core.time_notes import forget_time, note_time, noted_times
from tests.generated import examples

ONE, OTHER = "1" * 32, "a" * 32
MOMENT, LATER = "2026-01-31T12:00:00.000000Z", "2026-01-31T12:00:00.000001Z"


@examples(100, share_fixtures=True)
@given(moment=st.datetimes(timezones=st.timezones()))
def test_a_time_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, moment: object) -> None:
    storage = LocalStorage(tmp_path_factory.mktemp("registry"))
    created = stamp(moment)  # type: ignore[arg-type]
    note_time(storage, "m", "jobs", ONE, created)
    assert noted_times(storage, "m", "jobs") == {ONE: created}


def test_all_notes_of_a_model_are_found(storage: Storage) -> None:
    created = now()
    note_time(storage, "m", "jobs", ONE, created)
    note_time(storage, "m", "jobs", OTHER, MOMENT)
    assert noted_times(storage, "m", "jobs") == {ONE: created, OTHER: MOMENT}
    assert noted_times(storage, "other", "jobs") == {}


def test_a_note_is_written_once(storage: Storage) -> None:
    for _ in range(2):
        note_time(storage, "m", "jobs", ONE, MOMENT)
    assert storage.keys("") == [f"models/m/times/jobs/20260131T120000.000000Z-{ONE}"]


def test_a_job_with_several_notes_has_no_time(storage: Storage) -> None:
    note_time(storage, "m", "jobs", ONE, MOMENT)
    note_time(storage, "m", "jobs", ONE, LATER)
    note_time(storage, "m", "jobs", OTHER, MOMENT)
    assert noted_times(storage, "m", "jobs") == {OTHER: MOMENT}


def test_a_note_goes_with_its_job(storage: Storage) -> None:
    note_time(storage, "m", "jobs", ONE, MOMENT)
    for _ in range(2):
        forget_time(storage, "m", "jobs", ONE, MOMENT)
        assert storage.keys("") == []
    forget_time(storage, "m", "jobs", ONE, "yesterday")


@pytest.mark.parametrize("created", ["", "yesterday", "2026-01-31", "2026-01-31T12:00:00Z", f"{MOMENT}\n", "../../x"])
def test_a_time_in_another_form_gets_no_note(storage: Storage, created: str) -> None:
    note_time(storage, "m", "jobs", ONE, created)
    assert storage.keys("") == []


@pytest.mark.parametrize("name", ["x", ONE, f"20260131T120000Z-{ONE}", f"20260131T120000.000000Z-{ONE}.json"])
def test_other_names_are_no_notes(storage: Storage, name: str) -> None:
    storage.write(f"models/m/times/jobs/{name}", b"")
    assert noted_times(storage, "m", "jobs") == {}


def test_a_note_that_cannot_be_written_is_logged(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(key: str, body: bytes) -> str:
        raise StorageError("read-only")

    monkeypatch.setattr(storage, "create", refuse)
    note_time(storage, "m", "jobs", ONE, MOMENT)
    assert f"{ONE} in the jobs of m has no note of its time: read-only" in caplog.text
