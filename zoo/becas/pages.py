"""A scholarship page: facts in sections, between sentences that answer nothing, and where each value stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from zoo.becas.facts import Fact, Kept, Wording, facts
from zoo.becas.filling import Filled, fill
from zoo.becas.layout import Section, layout
from zoo.becas.phrases import phrase
from zoo.becas.setting import IDENTITY, SHORT_ONLY, Setting, draw_setting
from zoo.becas.template import choose
from zoo.draws import Draws

FILLERS = Path(__file__).with_name("fillers.toml")
LABELLED = re.compile(r"[^.:;]{2,45}: *\{value\}\.?")
"""A statement that may be a line of a table: a label and the value."""
INDICATIVE = re.compile(r"(?i)(el|la|los|las|se|un|una|no|habrá|hay|cada|esta|este|tu|su|será|es) ")
KEEPS_CAPITAL = re.compile(r"[A-ZÁÉÍÓÚÑ0-9]{2}|\W|\w+\. |\w+(?: \w+){0,5}:")
ENDS = (".", "?", "!", ":", ";", "\n")
ADDRESS = re.compile(r"\S*(@|://|www\.|\.[a-z]{2,4}/)|\S+\.(com|org|net|eu|[a-z]{2})\b")
ITEM_ENDS = re.compile(r"[;,] (?:y |e )?| [ye] (?=\w+[aei]r\b)")
ITEM_LINE = re.compile(r"(?:[-•*\N{EN DASH}·]|\d+(?:\.-|[.)])) ")
LISTS = {"documents", "requirements", "application_steps", "obligations", "loss_causes", "exclusions"}
ACTION = re.compile(r"\w+[aei]r\b")
MANY_ITEMS = 3
NUMBERINGS = (".", ")", ".-")
SPACES = (" ", " ", " ", " ", "\n")
BULLETS = ("- ", "• ", "* ", "\N{EN DASH} ", "· ")


@dataclass(frozen=True, slots=True)
class Shape:
    """Ranges of the number of facts, and of the least number of words if fillers suffice; both ends included.

    `strange_values` is the share of values in words that are another fact's, so that what stands around a value has
    to tell the fact.
    """

    facts: tuple[int, int] = (8, 30)
    words: tuple[int, int] = (150, 850)
    strange_values: float = 0.0


FULL = Shape()


@dataclass(frozen=True, slots=True)
class Page:
    """`spans` has the characters [start, end) of the value of every fact that the page states."""

    text: str
    spans: Mapping[str, tuple[int, int]]
    setting: Setting


@dataclass(slots=True)
class _Writer:
    """The text so far, and where the values stand in it."""

    draws: Draws
    setting: Setting
    fillers: list[str]
    text: str = ""
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, sentence: Filled, fact: str | None) -> None:
        if fact is not None:
            self.spans[fact] = (len(self.text) + sentence.start, len(self.text) + sentence.end)
        self.text += sentence.text


def write_page(draws: Draws, *, statements: Kept = "known", values: Kept = "known", shape: Shape = FULL) -> Page:
    """A page with statements of one wording, and values of one."""
    words = draws.whole(*shape.words)
    names = _chosen(draws, min(draws.whole(*shape.facts), max(shape.facts[0], words // 14)))
    wordings = {
        name: replace(facts()[name].wording(statements), values=facts()[name].wording(values).values) for name in names
    }
    setting = _identified(draws, wordings)
    if shape.strange_values:
        _estrange(draws, wordings, values, shape.strange_values)
    stated = sum(8 + len(choose(draws.one_of(one.values), draws).split()) for one in wordings.values())
    writer = _Writer(draws, setting, draws.shuffled(fillers()))
    blocks = _blocks(draws, names)
    extras = _spread(draws, len(blocks), min(len(fillers()), max(0, (words - stated) // 15)))
    for block, extra in zip(blocks, extras, strict=True):
        _write_block(writer, block, wordings, extra)
    return Page(writer.text, writer.spans, setting)


@cache
def fillers() -> tuple[str, ...]:
    """Templates of sentences that answer no question about a fact."""
    return tuple(tomllib.loads(FILLERS.read_text("utf-8"))["sentences"])


def _identified(draws: Draws, wordings: dict[str, Wording]) -> Setting:
    """A setting that has the names that the page will state; their values are settled by it."""
    setting = draw_setting(draws)
    for name in IDENTITY:
        if name in wordings:
            value = fill(draws.one_of(wordings[name].values), draws, setting).text
            wordings[name] = replace(wordings[name], values=(value,))
            setting = setting.renamed(name, value)
        elif name == "program_name" and draws.chance(SHORT_ONLY):
            setting = setting.nameless()
    return setting


def _estrange(draws: Draws, wordings: dict[str, Wording], kept: Kept, share: float) -> None:
    """Give that share of the facts whose values are words those of another fact that reads alike."""
    for name, wording in wordings.items():
        if name in _lenders() and draws.chance(share):
            lender = draws.one_of(_lenders()[name])
            wordings[name] = replace(wording, values=lender.wording(kept).values)


@cache
def _lenders() -> Mapping[str, tuple[Fact, ...]]:
    """The facts whose values read like those of each fact in words; names of the setting are not exchanged."""
    forms = {name: _form(fact.known.values) for name, fact in facts().items()}
    return {
        name: tuple(fact for other, fact in facts().items() if forms[other] == form)
        for name, form in forms.items()
        if form is not None and name not in IDENTITY
    }


def _form(values: Sequence[str]) -> str | None:
    """Whether values are what to do or other words; None where they are of a kind, as dates are."""
    if len(values) == 1:
        return None
    return "action" if ACTION.match(values[0].lstrip("[")) else "thing"


def _chosen(draws: Draws, number: int) -> list[str]:
    """Facts to state: many of one or two groups that are easily confused, then any."""
    names: list[str] = []
    for group in draws.shuffled(layout().confusable)[: draws.whole(1, 2)]:
        names += [name for name in draws.shuffled(group) if draws.chance(0.8)]
    names += draws.shuffled(facts())
    return list(dict.fromkeys(names))[:number]


def _blocks(draws: Draws, names: Sequence[str]) -> list[Section]:
    """The facts by section, in the usual order or any; on some pages as they come, without headings."""
    if len(names) < 5 or draws.chance(0.12):
        return [Section(("",), tuple(draws.shuffled(names)))]
    sections = [Section(one.headings, tuple(name for name in one.facts if name in names)) for one in layout().sections]
    sections = [Section(one.headings, tuple(draws.shuffled(one.facts))) for one in sections if one.facts]
    if draws.chance(0.4):
        sections = draws.shuffled(sections)
    return sections if draws.chance(0.55) else [Section(("",), one.facts) for one in sections]


def _spread(draws: Draws, places: int, number: int) -> list[int]:
    """So many fillers over so many blocks, at random."""
    counts = [0] * places
    for _ in range(number):
        counts[draws.whole(0, places - 1)] += 1
    return counts


def _write_block(writer: _Writer, block: Section, wordings: Mapping[str, Wording], extra: int) -> None:
    draws = writer.draws
    if writer.text:
        writer.text += draws.one_of(("\n", "\n", "\n\n", "\n\n" if block.headings[0] else " "))
    if block.headings[0]:
        heading = fill(draws.one_of(block.headings), draws, writer.setting).text
        writer.text += draws.one_of(("{}\n", "{}\n", "## {}\n", "{}:\n", "**{}**\n")).format(heading)
    bullet = draws.one_of(BULLETS)
    listed, tabled = draws.chance(0.16), draws.chance(0.14)
    items: list[str | None] = draws.shuffled([*block.facts, *[None] * extra])
    for number, fact in enumerate(items):
        sentence = _sentence(writer, None if fact is None else wordings[fact], tabled=tabled)
        if fact in LISTS:
            sentence = _itemised(sentence, draws)
        if listed or (tabled and sentence.text.count(":") == 1 and len(sentence.text) < 90):
            writer.text += ("\n" if number else "") + (bullet if listed else "")
        elif number:
            sentence = _follow(writer, sentence)
        writer.add(sentence, fact)


def _sentence(writer: _Writer, wording: Wording | None, *, tabled: bool) -> Filled:
    if wording is None:
        return capitalised(fill(writer.fillers.pop(), writer.draws, writer.setting))
    labelled = [one for one in wording.statements if LABELLED.fullmatch(one)] if tabled else []
    statement = writer.draws.one_of(labelled or wording.statements)
    return capitalised(fill(statement, writer.draws, writer.setting, wording.values))


def _itemised(sentence: Filled, draws: Draws) -> Filled:
    """The value's items in lines of their own, where it stands at the end behind a colon and has three or more."""
    items = ITEM_ENDS.split(sentence.text[sentence.start : sentence.end])
    before = sentence.text[: sentence.start].rstrip()
    if (
        len(items) < MANY_ITEMS
        or not before.endswith(":")
        or sentence.text[sentence.end :].strip(". ")
        or draws.chance(0.5)
    ):
        return sentence
    bullet, numbering = draws.one_of(BULLETS), draws.one_of(NUMBERINGS)
    numbered = draws.chance(0.35)
    marks = [f"{number}{numbering} " if numbered else bullet for number in range(1, len(items) + 1)]
    lines = "\n".join(mark + item for mark, item in zip(marks, items, strict=True))
    start = len(before) + 1 + len(marks[0])
    return Filled(f"{before}\n{lines}", start, len(before) + 1 + len(lines))


def _follow(writer: _Writer, sentence: Filled) -> Filled:
    """Put what stands between the last sentence and this one, which may lose its capital to it."""
    draws = writer.draws
    lowered = KEEPS_CAPITAL.match(sentence.text) is None
    if lowered and writer.text.endswith(".") and draws.chance(0.1):
        writer.text = writer.text[:-1] + phrase("link", draws) + " "
        return _led(sentence, "")
    after_item = ITEM_LINE.match(writer.text.rpartition("\n")[2])
    writer.text += "\n" if after_item else ("" if writer.text.endswith(ENDS) else ".") + draws.one_of(SPACES)
    if lowered and draws.chance(0.15):
        return _led(sentence, phrase("any_opener" if INDICATIVE.match(sentence.text) else "opener", draws) + " ")
    return sentence


def _led(sentence: Filled, lead: str) -> Filled:
    """Behind a lead, without its capital."""
    text = lead + sentence.text[0].lower() + sentence.text[1:]
    return Filled(text, sentence.start + len(lead), sentence.end + len(lead))


def capitalised(sentence: Filled) -> Filled:
    """With a capital at the start, but for an address of the web or of mail, or an account."""
    text = sentence.text
    mark = len(text) - len(text.lstrip("¿¡"))
    if ADDRESS.match(text):
        return sentence
    return Filled(text[:mark] + text[mark : mark + 1].upper() + text[mark + 1 :], sentence.start, sentence.end)
