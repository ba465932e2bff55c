"""The records of jobs: written once, listed newest first, and what a damaged one hides."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.errors import DamagedRecordError, NotFoundError, StorageError
from functions.core.excerpts import Excerpt
from functions.core.jobs import Job, Jobs, job_id
from functions.core.local_storage import LocalStorage
from functions.core.records import read_record
from functions.core.time_notes import note_time, noted_times
from tests.core.new_jobs import MODEL, NAME, RESULT, new_job


class TestRecords:
    def test_json_keeps_a_job(self) -> None:
        whole = replace(
            new_job(),
            state="succeeded",
            notes=("columns not used: 'a'",),
            errors=({"loc": [0, "a"], "msg": "field required", "type": "missing"},),
            result=RESULT,
            claimed=3,
        )
        assert read_record(whole.to_json(), Job, "key") == whole
        assert read_record(new_job().to_json(), Job, "key") == new_job()

    def test_a_job_is_created_once(self, jobs: Jobs) -> None:
        other = replace(new_job(), actor="another")
        assert jobs.create(other) == (new_job(), False)
        assert jobs.create(new_job("1" * 32)) == (new_job("1" * 32), True)

    def test_an_unknown_job_is_not_found(self, jobs: Jobs) -> None:
        for act in (
            lambda: jobs.read(MODEL, "none"),
            lambda: jobs.take(MODEL, "none", owner="one"),
            lambda: jobs.restart(MODEL, "none"),
            lambda: jobs.read("other", NAME),
        ):
            with pytest.raises(NotFoundError, match="no job"):
                act()

    def test_they_are_listed_newest_first(self, jobs: Jobs) -> None:
        jobs.create(new_job("a" * 32, created="2026-01-03T00:00:00.000000Z"))
        jobs.create(new_job("b" * 32, created="2026-01-02T00:00:00.000000Z"))
        assert [job.job[0] for job in jobs.newest_first(MODEL).entries] == ["a", "b", "0"]
        assert jobs.newest_first("other").entries == []

    def test_the_time_of_a_job_is_noted_with_it(self, jobs: Jobs, tmp_path: Path) -> None:
        assert noted_times(LocalStorage(tmp_path), MODEL, "jobs") == {NAME: new_job().created}

    def test_a_noted_job_that_is_on_another_page_is_not_read(self, jobs: Jobs, tmp_path: Path) -> None:
        jobs.create(new_job("1" * 32, created="2026-01-02T00:00:00.000000Z"))
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(b"{")
        first = jobs.newest_first(MODEL, 0, 1)
        assert ([job.job[0] for job in first.entries], first.total) == (["1"], 2)
        assert jobs.newest_first(MODEL, 1, 1) == Excerpt([], 2)
        assert jobs.newest_first(MODEL, 0, 2).total == 1

    @pytest.mark.parametrize("lost", ["every note", "some notes", "no note"])
    def test_jobs_without_notes_stand_among_the_others_in_their_order(
        self, jobs: Jobs, tmp_path: Path, lost: str
    ) -> None:
        days = [3, 9, 9, 1, 5, 7, 7, 7]
        for place, day in enumerate(days):
            jobs.create(new_job(f"{place + 1:x}" * 32, created=f"2026-02-{day:02}T00:00:00.000000Z"))
        for place, note in enumerate(sorted((tmp_path / f"models/{MODEL}/times/jobs").iterdir())):
            if lost == "every note" or (lost == "some notes" and place % 2):
                note.unlink()
        pages = [jobs.newest_first(MODEL, start, 4) for start in (0, 4, 8)]
        assert ["".join(job.job[0] for job in page.entries) for page in pages] == ["2367", "8514", "0"]
        assert {page.total for page in pages} == {9}

    def test_a_job_with_two_notes_is_where_its_record_says(self, jobs: Jobs, tmp_path: Path) -> None:
        jobs.create(new_job("1" * 32, created="2026-01-02T00:00:00.000000Z"))
        note_time(LocalStorage(tmp_path), MODEL, "jobs", NAME, "2026-01-03T00:00:00.000000Z")
        assert [job.job[0] for job in jobs.newest_first(MODEL, 0, 1).entries] == ["1"]

    def test_a_note_without_a_record_is_no_job(self, jobs: Jobs, tmp_path: Path) -> None:
        note_time(LocalStorage(tmp_path), MODEL, "jobs", "1" * 32, "2026-01-03T00:00:00.000000Z")
        assert jobs.newest_first(MODEL, 0, 1) == Excerpt([new_job()], 1)

    def test_a_record_that_vanishes_after_the_list_is_left_out(
        self, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        jobs.create(new_job("1" * 32))
        listed = LocalStorage.children
        path = tmp_path / f"models/{MODEL}/jobs/{NAME}.json"

        def list_and_lose(storage: LocalStorage, prefix: str) -> list[str]:
            names = listed(storage, prefix)
            path.unlink(missing_ok=True)
            return names

        monkeypatch.setattr(LocalStorage, "children", list_and_lose)
        assert jobs.newest_first(MODEL) == Excerpt([new_job("1" * 32)], 1)

    def test_notes_that_jobs_lack_are_written_afterwards(
        self, jobs: Jobs, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        for digit in "123":
            jobs.create(new_job(digit * 32))
        shutil.rmtree(tmp_path / f"models/{MODEL}/times/jobs")
        (tmp_path / f"models/{MODEL}/jobs/{'3' * 32}.json").write_bytes(b"{")
        jobs.note_times(MODEL, at_most=2)
        assert noted_times(LocalStorage(tmp_path), MODEL, "jobs").keys() == {NAME, "1" * 32}
        jobs.note_times(MODEL, at_most=2)
        assert noted_times(LocalStorage(tmp_path), MODEL, "jobs").keys() == {NAME, "1" * 32, "2" * 32}
        assert f"{'3' * 32}.json cannot be read" in caplog.text

    def test_a_storage_that_fails_while_notes_are_written_is_logged(
        self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def refuse(storage: LocalStorage, prefix: str) -> list[str]:
            raise StorageError("no list")

        monkeypatch.setattr(LocalStorage, "children", refuse)
        jobs.note_times(MODEL, at_most=2)
        assert f"jobs of {MODEL} stay without a note of their time: no list" in caplog.text

    def test_a_replaced_record_has_the_time_of_its_replacement(self, jobs: Jobs, tmp_path: Path) -> None:
        jobs.create(new_job("1" * 32, created="2026-01-02T00:00:00.000000Z"))
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(b"{")
        jobs.create(new_job(created="2026-01-03T00:00:00.000000Z"))
        assert [job.job[0] for job in jobs.newest_first(MODEL).entries] == ["0", "1"]

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"job": 1}', b"\xff"])
    def test_a_record_that_cannot_be_read_hides_no_other_and_is_named(
        self, jobs: Jobs, tmp_path: Path, caplog: pytest.LogCaptureFixture, body: bytes
    ) -> None:
        jobs.create(new_job("1" * 32))
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(body)
        for stray in ("abc.json", ".DS_Store", "notes.txt"):
            (tmp_path / f"models/{MODEL}/jobs" / stray).write_bytes(b"stray")
        assert jobs.newest_first(MODEL).entries == [new_job("1" * 32)]
        assert f"models/{MODEL}/jobs/{NAME}.json cannot be read" in caplog.text
        for act in (lambda: jobs.read(MODEL, NAME), lambda: jobs.take(MODEL, NAME, owner="one")):
            with pytest.raises(DamagedRecordError, match=NAME):
                act()

    def test_the_same_request_replaces_a_damaged_record(self, jobs: Jobs, tmp_path: Path) -> None:
        (tmp_path / f"models/{MODEL}/jobs/{NAME}.json").write_bytes(b"{")
        assert jobs.create(new_job()) == (new_job(), True)
        assert jobs.read(MODEL, NAME) == new_job()

    def test_a_metric_that_is_undefined_comes_back_as_none(self) -> None:
        job = replace(new_job(), result=replace(RESULT, metrics={"roc_auc": float("nan"), "f1": 1.0}))
        found = read_record(job.to_json(), Job, "key")
        assert found.result is not None
        assert found.result.metrics == {"roc_auc": None, "f1": 1.0}

    def test_a_name_follows_from_its_parts(self) -> None:
        assert job_id("a", 1) == job_id("a", 1)
        assert len({job_id("a", 1), job_id("a", 2), job_id("a1"), job_id("a", "1", ""), job_id("1", "a")}) == 5
        assert len(job_id("a")) == 32
        assert int(job_id("a"), 16) >= 0
