"""The models of a checkout, with their examples and the rows of their samples."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Model:
    """`sample` holds the labelled rows of sample.csv as /retrain takes them, `csv` the file; both empty without one."""

    name: str
    task: str
    hub_id: str | None
    examples: tuple[Row, ...]
    sample: tuple[Row, ...] = ()
    csv: str = ""

    def csv_of(self, rows: slice) -> str:
        """A training file with some of the rows; no cell of a sample has a line break."""
        header, *lines = self.csv.splitlines(keepends=True)
        return header + "".join(lines[rows])


def read_models(checkout: Path) -> dict[str, Model]:
    """Every folder of models/ that has examples, by name."""
    files = sorted((checkout / "models").glob("*/examples.json"))
    return {file.parent.name: _model(file.parent) for file in files}


def _model(folder: Path) -> Model:
    definition = tomllib.loads((folder / "model.toml").read_text(encoding="utf-8"))
    examples = tuple(json.loads((folder / "examples.json").read_text(encoding="utf-8")))
    sample = folder / "sample.csv"
    text = sample.read_text(encoding="utf-8") if sample.is_file() else ""
    spell = SPELLINGS.get(folder.name, dict)
    rows = tuple(spell(row) for row in csv.DictReader(text.splitlines()))
    return Model(folder.name, definition["task"], definition.get("hub_id"), examples, rows, text)


def _car(row: Mapping[str, str]) -> Row:
    numbers = ("year", "selling_price", "km_driven")
    return {name: int(value) if name in numbers and value else value or None for name, value in row.items()}


def _customer(row: Mapping[str, str]) -> Row:
    """The customer in the spelling of the schema, which [files] in model.toml makes of a training file's."""
    customer: Row = {name.lower(): value.lower().replace(" ", "_") for name, value in row.items()}
    for name in ("seniorcitizen", "tenure"):
        customer[name] = int(customer[name])
    for name in ("monthlycharges", "totalcharges"):
        customer[name] = float(customer[name].strip("_") or 0)
    return customer


SPELLINGS: Mapping[str, Callable[[Mapping[str, str]], Row]] = {"car-price": _car, "churn": _customer}
