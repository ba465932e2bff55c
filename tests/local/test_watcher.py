"""The reports of the watcher, and their moments."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from functions.core.clock import now
from functions.local.watcher import Watcher

JOB = "0123456789abcdef" * 2


@pytest.fixture
def watcher(tmp_path: Path) -> Watcher:
    return Watcher(tmp_path)


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
        watcher = Watcher(tmp_path)
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


def test_a_link_that_leads_nowhere_is_passed_over(watcher: Watcher, tmp_path: Path) -> None:
    put(tmp_path, "uploads/churn/rows.csv")
    (tmp_path / "uploads/churn/gone.csv").symlink_to(tmp_path / "nothing")
    watcher.arrivals()
    assert keys(watcher) == ["uploads/churn/rows.csv"]
