"""Fixtures and settings of the zoo's own tests, which use nothing of tests/."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# small fits gain nothing from threads that wait for each other on a busy machine
os.environ.setdefault("OMP_NUM_THREADS", "1")
# nothing in the tests is timed: the machine may be busy
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).resolve().parents[2]
