"""Processors by affinity and by the quota of a container, and threads by the variable of numerical libraries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from functions.core import processors
from functions.core.processors import processor_count, thread_count


@pytest.fixture
def sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)), raising=False)


@pytest.mark.usefixtures("sixteen")
@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({}, 16),
        ({"cpu.max": "max 100000\n"}, 16),
        ({"cpu.max": "200000 100000\n"}, 2),
        ({"cpu.max": "150000 100000\n"}, 2),
        ({"cpu.max": "20000 100000\n"}, 1),
        ({"cpu.max": "0 100000\n"}, 1),
        ({"cpu.max": "6400000 100000\n"}, 16),
        ({"cpu.max": "1 0\n"}, 16),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 16),
        ({"cpu/cpu.cfs_quota_us": "400000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 4),
        ({"cpu/cpu.cfs_quota_us": "400000\n"}, 16),
    ],
)
def test_a_container_has_the_processors_of_its_quota(tmp_path: Path, files: dict[str, str], count: int) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert processor_count(tmp_path) == count


def test_a_system_without_affinities_has_the_processors_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    for count, expected in ((12, 12), (None, 1)):
        monkeypatch.setattr("os.cpu_count", lambda count=count: count)
        assert processor_count(tmp_path) == expected


@pytest.mark.parametrize(("wanted", "count"), [("", 8), ("3", 3), ("1", 1), ("64", 8), ("0", 8), ("4,2", 8), ("-1", 8)])
def test_threads_are_at_most_those_that_the_variable_allows(
    monkeypatch: pytest.MonkeyPatch, wanted: str, count: int
) -> None:
    monkeypatch.setattr(processors, "processor_count", lambda: 8)
    assert thread_count({"OMP_NUM_THREADS": wanted}) == count
    assert thread_count({}) == 8


def test_this_machine_tells() -> None:
    assert 1 <= processor_count() <= (os.cpu_count() or 1)
