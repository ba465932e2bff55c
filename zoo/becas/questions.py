"""Questions about a page: facts that it states, facts that it lacks, and things that no page tells."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zoo.becas.facts import Kept, facts
from zoo.becas.filling import fill
from zoo.becas.layout import layout
from zoo.becas.pages import Page
from zoo.becas.setting import Setting
from zoo.draws import Draws

ELSEWHERE = Path(__file__).with_name("elsewhere.toml")
LONG_WORD = re.compile(r"[a-záéíóúñ]{6,}")


@dataclass(frozen=True, slots=True)
class Question:
    """`fact` is what is asked, None where no fact is; `span` the characters [start, end) of the answer, if any."""

    text: str
    fact: str | None
    span: tuple[int, int] | None


def ask(page: Page, number: int, draws: Draws, *, kept: Kept, unanswerable: float) -> tuple[Question, ...]:
    """At most `number` questions, each of another fact; each is unanswerable with that probability."""
    stated = draws.shuffled(page.spans)
    lacking = lacked(page, draws)
    asked: list[Question] = []
    for _ in range(number):
        if draws.chance(unanswerable):
            if draws.chance(0.2) or not lacking:
                asked.append(Question(_elsewhere(page, draws, kept=kept), None, None))
            else:
                fact = lacking.pop()
                asked.append(Question(_about(fact, page.setting, draws, kept=kept), fact, None))
        elif stated:
            fact = stated.pop()
            asked.append(Question(_about(fact, page.setting, draws, kept=kept), fact, page.spans[fact]))
    return tuple(asked)


def lacked(page: Page, draws: Draws) -> list[str]:
    """Facts that nothing on the page tells, those easily confused with a stated one last mostly."""
    told = frozenset[str]().union(*(layout().covers[name] for name in page.spans))
    absent = [name for name in draws.shuffled(facts()) if name not in told and not _tells(page, name)]
    near = {name for group in layout().confusable if not told.isdisjoint(group) for name in group}
    return sorted(absent, key=lambda name: name in near and draws.chance(0.7))


def _tells(page: Page, fact: str) -> bool:
    """Whether the text of the page may tell a fact that it does not state: by a name, or by words about it."""
    words = layout().words.get(fact)
    return page.setting.tells(fact, page.text) or (words is not None and words.search(page.text.lower()) is not None)


@cache
def elsewhere() -> Mapping[str, tuple[str, ...]]:
    """Templates of questions that no fact answers: those to train on, `known`, and those `held_out`."""
    table = tomllib.loads(ELSEWHERE.read_text("utf-8"))
    return {name: tuple(table[name]) for name in ("known", "held_out")}


def _elsewhere(page: Page, draws: Draws, *, kept: Kept) -> str:
    template = draws.one_of(elsewhere()["held_out" if kept == "held_out" else "known"])
    return _worn(_capital(fill(template, draws, page.setting).text), draws)


def _about(fact: str, setting: Setting, draws: Draws, *, kept: Kept) -> str:
    template = draws.one_of(facts()[fact].wording(kept).questions)
    return _worn(_capital(fill(template, draws, setting).text), draws)


def _capital(text: str) -> str:
    """A capital after the opening mark; keywords without one stay as they are."""
    return f"¿{text[1:2].upper()}{text[2:]}" if text.startswith("¿") else text


def _worn(text: str, draws: Draws) -> str:
    """As people type: marks, capitals and accents left out, rarely a slip of the fingers."""
    if draws.chance(0.15):
        text = text.replace("¿", "")
    if draws.chance(0.07):
        text = text.replace("?", "")
    if draws.chance(0.15):
        text = text.lower()
    if draws.chance(0.12):
        text = without_accents(text)
    return slipped(text, draws) if draws.chance(0.04) else text


def without_accents(text: str) -> str:
    """Without acute accents; ñ and ü stay."""
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", letters.replace("\N{COMBINING ACUTE ACCENT}", ""))


def slipped(text: str, draws: Draws) -> str:
    """With two letters of one long word in the wrong order, or one letter missing."""
    words = list(LONG_WORD.finditer(text))
    if not words:
        return text
    word = draws.one_of(words)
    place = word.start() + draws.whole(1, len(word[0]) - 3)
    swapped = text[place + 1] + text[place] if draws.chance(0.5) else text[place]
    return text[:place] + swapped + text[place + 2 :]
