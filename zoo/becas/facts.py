"""The facts that a page may state and a question may ask: one TOML file each, beside this module.

    value = "money"                          a kind of zoo.becas.values; or values = ["...", ...], texts of one's own
    statements = ["Se pagan {value}."]       exactly one {value}
    questions = ["¿Cuánto se paga?"]
    [held_out]                               the same keys, for wording that no training page or question holds

Slots in all of them: {program} ("la Beca Olmos", "el apoyo") and {institution} come with their article, and "de" or
"a" before them is contracted; {platform} has none; {year} is the page's; any kind of value may be a slot too.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from zoo.becas.setting import NAMES
from zoo.becas.template import fault, slots
from zoo.becas.values import KINDS

FOLDER = Path(__file__).parent / "facts"
KEYS = {"value", "values", "statements", "questions", "held_out"}


class FactError(ValueError):
    """A fact's file that cannot be used: says where and why."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Templates. `values` are what stands for {value}."""

    values: tuple[str, ...]
    statements: tuple[str, ...]
    questions: tuple[str, ...]


Kept = Literal["known", "held_out"]
"""What is known, and what is kept for measuring."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The wording of one thing: some to train on, some kept for measuring."""

    name: str
    known: Wording
    held_out: Wording

    def wording(self, kept: Kept) -> Wording:
        found: Wording = getattr(self, kept)
        return found


@cache
def facts() -> Mapping[str, Fact]:
    """Every fact by name, in the order of names. Raises FactError."""
    return {path.stem: read_fact(path) for path in sorted(FOLDER.glob("*.toml"))}


def read_fact(path: Path) -> Fact:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise FactError(f"{path.name}: {error}") from error
    if unknown := table.keys() - KEYS:
        raise FactError(f"{path.name}: {sorted(unknown)} are no keys of a fact; there are {sorted(KEYS)}")
    values = _values(path.name, table)
    held_out = table.get("held_out", {})
    unseen_values = held_out.get("values", values)
    fact = Fact(path.stem, _wording(table, values), _wording(held_out, unseen_values))
    _check(path.name, fact)
    return fact


def _values(name: str, table: Mapping[str, Any]) -> list[str]:
    if ("value" in table) == ("values" in table):
        raise FactError(f"{name}: give either value, the name of a kind, or values, a list of texts")
    return [f"{{{table['value']}}}"] if "value" in table else table["values"]


def _wording(table: Mapping[str, Any], values: list[str]) -> Wording:
    return Wording(tuple(values), tuple(table.get("statements", ())), tuple(table.get("questions", ())))


def _check(name: str, fact: Fact) -> None:
    for wording in (fact.known, fact.held_out):
        _check_templates(f"{name}, values", wording.values, value_slots=0)
        _check_templates(f"{name}, statements", wording.statements, value_slots=1)
        _check_templates(f"{name}, questions", wording.questions, value_slots=0)


def _check_templates(where: str, templates: Iterable[str], value_slots: int) -> None:
    templates = tuple(templates)
    if not templates:
        raise FactError(f"{where}: there is none")
    for template in templates:
        if problem := fault(template):
            raise FactError(f"{where}: {template!r} has {problem}")
        names = slots(template)
        if names.count("value") != value_slots:
            raise FactError(f"{where}: {template!r} must hold {{value}} {value_slots} times")
        if unknown := set(names) - KINDS - NAMES - {"value"}:
            raise FactError(f"{where}: {template!r} has slots {sorted(unknown)} that nothing fills")
    if len(set(templates)) < len(templates):
        raise FactError(f"{where}: {next(one for one in templates if templates.count(one) > 1)!r} stands there twice")
