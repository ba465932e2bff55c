"""The reports of the watcher, and their moments."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.clock import now
from functions.local.watcher import FILES_PER_LOOK, RESTLESS_LOOKS, Watcher

JOB = "0123456789abcdef" * 2
MANY = 3 * FILES_PER_LOOK
FOLDER = "uploads/churn"


class Calls:
    """A count of the looks at single files and folders."""

    def __init__(self) -> None:
        self.count = 0

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            return call(*arguments, **options)

        return counting

    def taken(self) -> int:
        """The calls since this was asked last."""
        count, self.count = self.count, 0
        return count


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    calls = Calls()
    for name in ("stat", "lstat", "scandir"):
        monkeypatch.setattr(f"functions.local.watcher.os.{name}", calls.counted(getattr(os, name)))
    return calls


@pytest.fixture
def at_rest(watcher: Watcher, tmp_path: Path) -> Watcher:
    """A watcher that reported many files a while ago, and has just read all folders."""
    for number in range(MANY):
        put(tmp_path, f"{FOLDER}/{number}.csv")
    for _ in range(2 + RESTLESS_LOOKS):
        watcher.arrivals()
    return after_reading_all(watcher)


def after_reading_all(watcher: Watcher) -> Watcher:
    while watcher._looks_to_rest != MANY // FILES_PER_LOOK:
        watcher.arrivals()
    return watcher


def looks_until(watcher: Watcher, key: str) -> int:
    """The looks until the file is reported."""
    return next(look for look in range(1, 100) if key in keys(watcher))


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    return Watcher(tmp_path, "uploads")


def put(root: Path, key: str, body: str = "rows", *, seconds: float = 1e9) -> Path:
    """A file with a modification time of its own, so that nothing depends on the clock."""
    path = root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body)
    os.utime(path, (seconds, seconds))
    return path


def keys(watcher: Watcher) -> list[str]:
    return [arrival.key for arrival in watcher.arrivals()]


def test_a_home_without_uploads_has_no_arrivals(watcher: Watcher) -> None:
    assert watcher.arrivals() == []


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
def test_links_that_lead_nowhere_hold_up_nothing(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv")
    for name, target in (("loop.csv", "loop.csv"), ("dangling.csv", "nowhere")):
        (tmp_path / "uploads/churn" / name).symlink_to(tmp_path / "uploads/churn" / target)
    assert [keys(watcher) for _ in range(3)] == [[], ["uploads/churn/rows.csv"], []]


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
@pytest.mark.parametrize("place", ["uploads/churn", f"uploads/churn/jobs/{JOB}"])
def test_a_link_is_not_followed_and_named_once_in_the_log(
    watcher: Watcher, tmp_path: Path, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    put(tmp_path, "elsewhere/passwd", "root:x:0:0")
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "rows.csv").symlink_to(tmp_path / "elsewhere/passwd")
    (tmp_path / place / "folder").symlink_to(tmp_path / "elsewhere")
    assert [keys(watcher) for _ in range(3)] == [[], [], []]
    assert caplog.text.count(f"{place}/rows.csv is a link, and links are not followed") == 1


def test_a_dropped_file_is_reported_at_the_second_look_and_only_once(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv")
    assert [keys(watcher) for _ in range(4)] == [[], ["uploads/churn/rows.csv"], [], []]


def test_a_growing_file_is_reported_only_after_it_stopped_growing(watcher: Watcher, tmp_path: Path) -> None:
    found = []
    for size in range(1, 4):
        put(tmp_path, "uploads/churn/rows.csv", "x" * size)
        found += keys(watcher)
    assert found == []
    assert keys(watcher) == ["uploads/churn/rows.csv"]


def test_a_file_that_is_written_over_in_place_is_not_still(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv", seconds=1e9)
    assert keys(watcher) == []
    put(tmp_path, "uploads/churn/rows.csv", seconds=1e9 + 1)
    assert keys(watcher) == []
    assert keys(watcher) == ["uploads/churn/rows.csv"]


def test_the_upload_of_a_job_is_whole_and_reported_at_once(watcher: Watcher, tmp_path: Path) -> None:
    key = f"uploads/churn/jobs/{JOB}/rows.csv"
    put(tmp_path, key)
    assert [keys(watcher) for _ in range(2)] == [[key], []]


@pytest.mark.parametrize(
    "key",
    [
        "uploads/churn/.rows.csv.swp",
        "uploads/churn/.partial/rows.csv",
        f"uploads/churn/jobs/{JOB}/.rows.csv.tmp",
        "uploads/rows.csv",
        "uploads/No Model/rows.csv",
        "elsewhere/churn/rows.csv",
        ".locks/1.lock",
    ],
)
def test_hidden_files_and_files_of_no_model_are_ignored(watcher: Watcher, tmp_path: Path, key: str) -> None:
    put(tmp_path, key)
    assert [keys(watcher) for _ in range(3)] == [[], [], []]


def test_files_in_folders_of_a_model_are_reported(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/2026/march/rows.csv")
    keys(watcher)
    assert keys(watcher) == ["uploads/churn/2026/march/rows.csv"]


def test_arrivals_come_oldest_first(watcher: Watcher, tmp_path: Path) -> None:
    for name, seconds in (("a", 3e8), ("b", 1e8), ("c", 2e8)):
        put(tmp_path, f"uploads/churn/{name}.csv", seconds=seconds)
    keys(watcher)
    assert keys(watcher) == [f"uploads/churn/{name}.csv" for name in "bca"]


def test_a_changed_file_is_reported_again_under_another_identity(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv")
    watcher.arrivals()
    (first,) = watcher.arrivals()
    put(tmp_path, "uploads/churn/rows.csv", "more rows", seconds=1e9 + 60)
    assert watcher.arrivals() == []
    (second,) = watcher.arrivals()
    assert first.key == second.key
    assert first.identity != second.identity


def test_a_forgotten_arrival_is_reported_again_under_the_same_identity(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv")
    watcher.arrivals()
    (first,) = watcher.arrivals()
    watcher.forget(first)
    (again,) = watcher.arrivals()
    assert (again.key, again.identity) == (first.key, first.identity)
    assert watcher.arrivals() == []


def test_a_new_watcher_reports_what_is_there_under_the_same_identity(tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv")
    found = []
    for _ in range(2):
        watcher = Watcher(tmp_path, "uploads")
        watcher.arrivals()
        found += watcher.arrivals()
    assert found[0].identity == found[1].identity


def test_an_old_file_counts_from_when_it_came(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv", seconds=1e8)
    before = now()
    watcher.arrivals()
    (arrival,) = watcher.arrivals()
    assert before <= arrival.time <= now()


def test_a_file_that_is_taken_away_and_put_back_is_reported_once(watcher: Watcher, tmp_path: Path) -> None:
    path = put(tmp_path, "uploads/churn/rows.csv")
    watcher.arrivals()
    watcher.arrivals()
    path.unlink()
    assert keys(watcher) == []
    put(tmp_path, "uploads/churn/rows.csv")
    assert [keys(watcher) for _ in range(2)] == [[], []]


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
def test_a_link_that_leads_nowhere_is_passed_over(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv")
    (tmp_path / "uploads/churn/gone.csv").symlink_to(tmp_path / "nothing")
    watcher.arrivals()
    assert keys(watcher) == ["uploads/churn/rows.csv"]


def test_looks_at_rest_cost_one_call_a_folder(at_rest: Watcher, calls: Calls) -> None:
    for _ in range(MANY // FILES_PER_LOOK):
        assert at_rest.arrivals() == []
        assert calls.taken() == 2


def test_files_at_rest_are_looked_at_as_rarely_as_they_are_many(at_rest: Watcher, calls: Calls) -> None:
    looks = 3 * (MANY // FILES_PER_LOOK + 1)
    for _ in range(looks):
        at_rest.arrivals()
    assert calls.taken() <= looks * (FILES_PER_LOOK + 4)


def test_few_files_are_looked_at_in_every_look(watcher: Watcher, tmp_path: Path, calls: Calls) -> None:
    for number in range(FILES_PER_LOOK - 1):
        put(tmp_path, f"{FOLDER}/{number}.csv")
    for _ in range(2 + RESTLESS_LOOKS):
        watcher.arrivals()
    calls.taken()
    watcher.arrivals()
    assert calls.taken() >= FILES_PER_LOOK


@pytest.mark.parametrize("name", ["new.csv", "of/another/folder.csv"])
def test_a_new_file_among_many_at_rest_is_found_as_fast_as_among_none(
    at_rest: Watcher, tmp_path: Path, name: str
) -> None:
    put(tmp_path, f"{FOLDER}/{name}")
    assert looks_until(at_rest, f"{FOLDER}/{name}") == 2


def test_the_upload_of_a_job_among_many_at_rest_is_found_at_once(at_rest: Watcher, tmp_path: Path) -> None:
    put(tmp_path, f"{FOLDER}/jobs/{JOB}/rows.csv")
    assert looks_until(at_rest, f"{FOLDER}/jobs/{JOB}/rows.csv") == 1


def test_a_file_at_rest_that_is_exchanged_is_found_as_fast_as_a_new_one(at_rest: Watcher, tmp_path: Path) -> None:
    os.replace(put(tmp_path, "elsewhere.csv", "other rows"), tmp_path / FOLDER / "7.csv")
    assert looks_until(at_rest, f"{FOLDER}/7.csv") == 2


def test_a_file_at_rest_that_is_written_over_in_place_is_found_when_all_are_read(
    at_rest: Watcher, tmp_path: Path
) -> None:
    put(tmp_path, f"{FOLDER}/7.csv", "other rows")
    assert looks_until(at_rest, f"{FOLDER}/7.csv") == MANY // FILES_PER_LOOK + 2


def test_a_copy_in_progress_among_many_at_rest_is_left_alone(at_rest: Watcher, tmp_path: Path) -> None:
    for size in range(1, 4):
        put(tmp_path, f"{FOLDER}/new.csv", "x" * size)
        assert keys(at_rest) == []
    assert looks_until(at_rest, f"{FOLDER}/new.csv") == 1


def test_a_file_that_came_within_the_rounding_of_its_folders_time_is_found(at_rest: Watcher, tmp_path: Path) -> None:
    put(tmp_path, f"{FOLDER}/first.csv")
    at_rest.arrivals()
    folder = os.stat(tmp_path / FOLDER)
    put(tmp_path, f"{FOLDER}/second.csv")
    os.utime(tmp_path / FOLDER, ns=(folder.st_atime_ns, folder.st_mtime_ns))
    assert looks_until(at_rest, f"{FOLDER}/second.csv") == 2


def test_a_file_in_a_file_system_without_times_of_folders_is_found_when_all_are_read(
    at_rest: Watcher, tmp_path: Path
) -> None:
    folder = os.stat(tmp_path / FOLDER)
    put(tmp_path, f"{FOLDER}/new.csv")
    os.utime(tmp_path / FOLDER, ns=(folder.st_atime_ns, folder.st_mtime_ns))
    assert looks_until(at_rest, f"{FOLDER}/new.csv") == MANY // FILES_PER_LOOK + 2


def test_a_forgotten_arrival_among_many_at_rest_is_reported_at_the_next_look_for_one_call(
    at_rest: Watcher, tmp_path: Path, calls: Calls
) -> None:
    put(tmp_path, f"{FOLDER}/7.csv", "other rows")
    while not (found := at_rest.arrivals()):
        pass
    calls.taken()
    for _ in range(2):
        at_rest.forget(found[0])
        assert keys(at_rest) == [found[0].key]
        assert calls.taken() == 3


def test_a_folder_that_is_taken_away_and_put_back_is_watched_as_before(at_rest: Watcher, tmp_path: Path) -> None:
    (tmp_path / "uploads").rename(tmp_path / "away")
    assert keys(at_rest) == []
    (tmp_path / "away").rename(tmp_path / "uploads")
    put(tmp_path, f"{FOLDER}/new.csv")
    assert looks_until(at_rest, f"{FOLDER}/new.csv") == 2


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
def test_a_file_at_rest_that_becomes_a_link_is_not_followed(at_rest: Watcher, tmp_path: Path) -> None:
    other = put(tmp_path, "elsewhere.csv", "other rows")
    (tmp_path / FOLDER / "7.csv").unlink()
    (tmp_path / FOLDER / "7.csv").symlink_to(other)
    assert [keys(at_rest) for _ in range(MANY // FILES_PER_LOOK + 3)] == [[]] * (MANY // FILES_PER_LOOK + 3)
