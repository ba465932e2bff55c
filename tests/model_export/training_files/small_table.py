"""A table of few columns, the tables of the sample models, and files that are read or refused by their definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition, FileSettings
from functions.core.errors import Fault, InvalidInputError
from functions.core.model_folder import load_definition
from functions.core.schema import Feature, Schema
from model_export.training_files.rows import ReadRows, read_rows

ROOT = Path(__file__).resolve().parents[3]
CHURN = load_definition(ROOT / "models" / "churn")
CARS = load_definition(ROOT / "models" / "car-price")
SMALL = replace(
    CARS,
    files=FileSettings(),
    schema=Schema(
        features=(
            Feature("fuel", "string", nullable=True),
            Feature("year", "integer", minimum=1950),
            Feature("weight", "number", nullable=True),
        ),
        target=Feature("price", "number"),
        id="key",
    ),
)


def csv_of(*rows: Mapping[str, Any]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(str(row[name]) for name in rows[0]) for row in rows)]
    return "\n".join(lines).encode()


def read(body: str | bytes, definition: Definition = SMALL, *, name: str = "rows.csv") -> ReadRows:
    return read_rows(body.encode() if isinstance(body, str) else body, name, definition)


def faults_of(body: str | bytes, definition: Definition = SMALL, *, name: str = "rows.csv") -> list[Fault]:
    with pytest.raises(InvalidInputError) as caught:
        read(body, definition, name=name)
    return list(caught.value.faults)


def the_fault(body: str | bytes, definition: Definition = SMALL, *, name: str = "rows.csv") -> Fault:
    (fault,) = faults_of(body, definition, name=name)
    return fault
