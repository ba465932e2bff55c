"""Runs of a training, and the version that is in production after them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functions.core.registry import Registry
from functions.core.schema import Table
from model_export.training import TrainingRun

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]
MakeRun = Callable[..., TrainingRun]


def table_of(rows: list[Row]) -> Table:
    return {name: [row[name] for row in rows] for name in rows[0]}


def production(registry: Registry, model: str) -> int:
    found = registry.pointer(model).production
    assert found is not None
    return found.version
