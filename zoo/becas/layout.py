"""The contents of layout.toml: sections of a page, facts easily confused, facts that tell of others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zoo.becas.facts import FactError, facts

FILE = Path(__file__).with_name("layout.toml")


@dataclass(frozen=True, slots=True)
class Section:
    """`headings` are templates."""

    headings: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """`covers` has for a fact all those that a page which states it may answer too, itself included; `words` has
    for some facts the words without which no page, in lower case, tells them."""

    sections: tuple[Section, ...]
    confusable: tuple[tuple[str, ...], ...]
    covers: Mapping[str, frozenset[str]]
    words: Mapping[str, re.Pattern[str]]


@cache
def layout() -> Layout:
    """Only facts that have a file are in it. Raises FactError for a fact in no section, or in two."""
    table = tomllib.loads(FILE.read_text("utf-8"))
    known = facts().keys()
    sections = tuple(Section(tuple(one["headings"]), _there(one["facts"])) for one in table["sections"])
    placed = [fact for section in sections for fact in section.facts]
    if sorted(placed) != sorted(known):
        wrong = sorted(known ^ set(placed)) or sorted({fact for fact in placed if placed.count(fact) > 1})
        raise FactError(f"{FILE.name}: every fact stands in one section; these do not: {wrong}")
    return Layout(
        sections,
        tuple(_there(names) for names in table["confusable"].values()),
        {name: frozenset((name, *table["covers"].get(name, ()))) for name in known},
        {name: re.compile(pattern) for name, pattern in table["words"].items()},
    )


def _there(names: list[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in facts())
