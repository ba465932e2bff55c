"""What several files of tests have in common: of every kind of pruning, of jobs, and of model folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.core.jobs import Jobs
from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.storage import Storage
from tests.core.model_folders import MINIMAL, Write
from tests.core.new_jobs import new_job
from tests.core.pruning_runs import PruneClock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PruneClock:
    return PruneClock(monkeypatch)


@pytest.fixture
def registry(storage: Storage) -> Registry:
    return Registry(storage)


@pytest.fixture
def uploads(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "home")


@pytest.fixture
def jobs(tmp_path: Path, clock: PruneClock) -> Jobs:
    """The jobs of a registry with one queued job."""
    jobs = Jobs(LocalStorage(tmp_path))
    jobs.create(new_job())
    return jobs


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a model folder; returns it."""

    def write(text: str = MINIMAL, *, name: str = "rent", examples: Any = ({"rooms": 2},)) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.toml").write_text(text, encoding="utf-8")
        (folder / "examples.json").write_text(json.dumps(examples), encoding="utf-8")
        return folder

    return write
