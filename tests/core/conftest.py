"""What the tests of every kind of pruning have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.storage import Storage
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
