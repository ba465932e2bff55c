"""Rows run in processes of their own: what is missing is skipped, what dies or never ends is an outcome."""

from __future__ import annotations

import os
from typing import Any

import pytest
from sklearn.linear_model import Ridge

from tools.conversion import playing
from tools.conversion.configuration import Configuration, fitted


def _dies(rows: Any, target: Any) -> Any:
    os._exit(3)


def _never_ends(rows: Any, target: Any) -> Any:
    while True:
        pass


def test_outcomes_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "TIMEOUT_SECONDS", 30.0)
    rows = [
        Configuration("Linear models", "Ridge", "small", "number", fitted(Ridge)),
        Configuration("Linear models", "absent", "small", "number", fitted(Ridge), requires="no_such_package"),
        Configuration("Linear models", "dies", "small", "number", _dies),
    ]
    played = list(playing.play(rows, processes=2, with_stock=False))
    assert [row.ours.kind for row in played] == ["exact", "skipped", "fails"]
    assert played[2].ours.detail == "the process died"


def test_a_row_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "TIMEOUT_SECONDS", 0.5)
    row = Configuration("Linear models", "endless", "small", "number", _never_ends)
    assert next(playing.play([row], processes=1, with_stock=False)).ours.detail == "no end in 0 s"
