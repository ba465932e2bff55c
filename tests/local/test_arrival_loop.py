"""The loop over arrivals: each once, again where the work says so, and none after the wish to end."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

from functions.core.uploads import Arrival
from functions.local import arrival_loop
from functions.local.arrival_loop import work_on_arrivals
from functions.local.watcher import Watcher


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival_loop, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(arrival_loop, "RETRY_SECONDS", 0.002)


def put(root: Path, key: str) -> None:
    (root / key).parent.mkdir(parents=True, exist_ok=True)
    (root / key).write_text("rows")


def test_only_what_is_not_done_comes_again(tmp_path: Path) -> None:
    put(tmp_path, "to-predict/churn/done.csv")
    put(tmp_path, "to-predict/churn/slow.csv")
    put(tmp_path, "uploads/churn/rows.csv")
    counts: Counter[str] = Counter()
    until = threading.Event()

    def work(arrival: Arrival) -> bool:
        counts[arrival.key] += 1
        if counts["to-predict/churn/slow.csv"] == 3:
            until.set()
        return arrival.key.endswith("done.csv")

    work_on_arrivals(Watcher(tmp_path, "to-predict"), ["churn"], work, until=until)
    assert counts == {"to-predict/churn/done.csv": 1, "to-predict/churn/slow.csv": 3}


def test_nothing_is_begun_after_the_wish_to_end(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path, f"to-predict/churn/batches/{number:032}/rows.csv")
    worked: list[str] = []
    until = threading.Event()

    def work(arrival: Arrival) -> bool:
        worked.append(arrival.key)
        until.set()
        return True

    work_on_arrivals(Watcher(tmp_path, "to-predict"), ["churn"], work, until=until)
    assert len(worked) == 1


@pytest.mark.parametrize("key", ["to-predict/boats/rows.csv", f"to-predict/boats/batches/{'0' * 32}/rows.csv"])
def test_a_file_whose_model_comes_later_is_worked_on_then_and_holds_up_nothing(tmp_path: Path, key: str) -> None:
    models = {"churn"}
    put(tmp_path, key)
    worked: list[str] = []
    until = threading.Event()

    def work(arrival: Arrival) -> bool:
        worked.append(arrival.key)
        if arrival.key == key:
            until.set()
        elif len(worked) == 4:  # after looks enough to report a dropped file
            models.add("boats")
        return len(worked) >= 4

    other = f"to-predict/churn/batches/{'1' * 32}/rows.csv"
    put(tmp_path, other)
    work_on_arrivals(Watcher(tmp_path, "to-predict"), models, work, until=until)
    assert worked == [*[other] * 4, key]
