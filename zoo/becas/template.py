"""Templates: "[a|b]" is one of several, and may be nested or hold nothing; "{name}" is a slot."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial

from zoo.draws import Draws

SLOT = re.compile(r"\{(\w+)\}")
INNERMOST = re.compile(r"\[([^\[\]]*)\]")
SPACES = re.compile(r" {2,}")
CONTRACTION = re.compile(r"\b(de|a) el\b", re.IGNORECASE)
SPACE_BEFORE_MARK = re.compile(r" +(?=[.,;:?!)])")


def choose(template: str, draws: Draws) -> str:
    """The template with one of each alternative drawn; its slots stay."""
    return tidy(_replaced(template, draws.one_of))


def readings(template: str) -> Iterator[str]:
    """Readings in which every alternative occurs at least once: the first of all choices, the second of all, ..."""
    widest = template.count("|") + 1
    seen: set[str] = set()
    for turn in range(widest):
        text = tidy(_replaced(template, partial(_option, turn)))
        if text not in seen:
            seen.add(text)
            yield text


def slots(template: str) -> tuple[str, ...]:
    """The names of the slots, in order, as often as they occur."""
    return tuple(SLOT.findall(template))


def fault(template: str) -> str | None:
    """The fault in the brackets and braces of a template, if there is one."""
    bare = SLOT.sub("", template)
    braces = "{" in bare or "}" in bare
    while INNERMOST.search(bare):
        bare = INNERMOST.sub("", bare)
    if braces or re.search(r"[\[\]|]", bare):
        return "a bracket, brace or bar without its partner"
    return "nothing in it" if not template.strip() else None


def tidy(text: str) -> str:
    """Without the spaces that an empty alternative leaves behind, and with "del" and "al" where two of them meet."""
    return CONTRACTION.sub(r"\1l", SPACE_BEFORE_MARK.sub("", SPACES.sub(" ", text)).strip(" "))


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation: by which two wordings are the same. Slots keep their names."""
    letters = unicodedata.normalize("NFD", text.lower())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(one for one in letters if not unicodedata.combining(one))))


def _option(turn: int, options: list[str]) -> str:
    return options[turn % len(options)]


def _replaced(template: str, pick: Callable[[list[str]], str]) -> str:
    while (found := INNERMOST.search(template)) is not None:
        template = template[: found.start()] + pick(found[1].split("|")) + template[found.end() :]
    return template
