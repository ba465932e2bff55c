"""The phrases of phrases.toml, and how they are drawn."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from zoo.becas.template import SLOT, choose
from zoo.draws import Draws

FILE = Path(__file__).with_name("phrases.toml")


@cache
def phrases() -> Mapping[str, tuple[str, ...]]:
    """Templates by the name of the slot that they stand for."""
    return {name: tuple(templates) for name, templates in tomllib.loads(FILE.read_text("utf-8")).items()}


def phrase(name: str, draws: Draws, other: Callable[[str], str] | None = None) -> str:
    """One of the phrases of that name; slots are phrases again, or what `other` gives for their name."""
    chosen = choose(draws.one_of(phrases()[name]), draws)

    def filled(slot: str) -> str:
        return other(slot) if other is not None and slot not in phrases() else phrase(slot, draws, other)

    return SLOT.sub(lambda slot: filled(slot[1]), chosen)
