"""Filling a template's slots with what was drawn for one page, and knowing where the value came to stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zoo.becas.phrases import phrases
from zoo.becas.setting import NAMES, Setting
from zoo.becas.template import SLOT, choose
from zoo.becas.values import PRIMITIVES
from zoo.draws import Draws

ARTICLE = re.compile(r"el (?=\w)")
CONTRACTED = re.compile(r"(?:(?<=^)|(?<=[\s(]))(de|a|De|A) $")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text and the characters [start, end) of its value; both 0 where the template has no {value}."""

    text: str
    start: int = 0
    end: int = 0


def fill(template: str, draws: Draws, setting: Setting, values: tuple[str, ...] = ()) -> Filled:
    """Draw the template's alternatives and its slots; {value} is one of `values`, itself filled.

    An "el" that begins what is filled in goes with what stands before it ("de el 3 de mayo" is "del 3 de mayo"), and
    is never part of the value.
    """
    chosen = choose(template, draws)
    text, start, end, place = "", 0, 0, 0
    for slot in SLOT.finditer(chosen):
        text += chosen[place : slot.start()]
        place = slot.end()
        filled = _draw(slot[1], draws, setting, values)
        text, filled = _joined(text, filled, is_value=slot[1] == "value")
        if slot[1] == "value":
            start, end = len(text), len(text) + len(filled)
        text += filled
    return Filled(text + chosen[place:], start, end)


def _draw(slot: str, draws: Draws, setting: Setting, values: tuple[str, ...]) -> str:
    if slot == "value":
        return fill(draws.one_of(values), draws, setting).text
    if slot in NAMES:
        return setting.name(slot, draws)
    if slot in phrases():
        return fill(draws.one_of(phrases()[slot]), draws, setting).text
    return PRIMITIVES[slot](draws, setting)


def _joined(before: str, filled: str, is_value: bool) -> tuple[str, str]:
    """The text before, with the contraction or the value's article moved to it, and the text left to add."""
    if filled.startswith("de ") and before.endswith(" de "):
        return before, filled[3:]
    if ARTICLE.match(filled):
        if CONTRACTED.search(before):
            return before[:-1] + "l ", filled[3:]
        if is_value:
            return f"{before}{filled[:3]}", filled[3:]
    return before, filled
