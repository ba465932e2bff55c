"""The names of one page: the scholarship, who gives it, where one applies, in which country and year."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from zoo.becas.countries import COUNTRIES, Country
from zoo.becas.phrases import phrase
from zoo.draws import Draws

NAMES = {"program", "institution", "platform", "year", "next_year"}
IDENTITY = ("program_name", "institution", "platform")
"""The facts whose value is a name of the setting."""
SHORT_ONLY = 0.4
"""The share that never uses the program's name, among the pages that do not state it."""
FEMININE = re.compile(r"(?:Beca|Ayuda|\w*(?:ción|sión|dad|ía))\b")
PLURAL = re.compile(r"\w+s\b")
CONSONANTS, VOWELS = "bcdfglmnprstvz", "aeiou"
ACRONYM_LETTERS = "ABCDEFGILMNOPRSTUV"


@dataclass(frozen=True, slots=True)
class Setting:
    """`program` and `institution` come with their article; `domain` is ASCII, like becas-olmos.org."""

    country: Country
    program: str
    short_program: str
    institution: str
    platform: str
    domain: str
    year: int

    def name(self, slot: str, draws: Draws) -> str:
        """The text for a slot of NAMES; the program goes by its full name or a short one."""
        if slot == "program":
            return draws.one_of((self.program, self.short_program))
        if slot == "next_year":
            return str(self.year + 1)
        return str(getattr(self, slot))

    def renamed(self, fact: str, value: str) -> Setting:
        """With the value that a fact of IDENTITY has on the page for its name."""
        if fact == "platform":
            return replace(self, platform=value.partition(" (")[0])
        if fact == "institution":
            return replace(self, institution=value.partition(",")[0]) if value.startswith(("la ", "el ")) else self
        if PLURAL.match(value):
            return self.nameless()
        article = "la" if FEMININE.match(value) else "el"
        return replace(self, program=f"{article} {value}")

    def nameless(self) -> Setting:
        """With the short name of the program alone."""
        return replace(self, program=self.short_program)

    def tells(self, fact: str, text: str) -> bool:
        """Whether a text names what a fact of IDENTITY, or the bank, is."""
        if fact == "bank":
            return any(bank in text for bank in self.country.banks)
        if fact == "program_name":
            return self.program != self.short_program and self.program[3:] in text
        return fact in IDENTITY and str(getattr(self, fact)).removeprefix("la ").removeprefix("el ") in text


def draw_setting(draws: Draws) -> Setting:
    country = draws.weighted(COUNTRIES)
    year = draws.whole(2017, 2030)
    feminine = draws.chance(0.65)
    article, gender = ("la", "feminine") if feminine else ("el", "masculine")

    def part(slot: str) -> str:
        return _part(slot, country, year, draws)

    giver = phrase("giver", draws, part)
    return Setting(
        country=country,
        program=f"{article} {phrase(f'{gender}_program', draws, part)}",
        short_program=phrase(f"{gender}_short", draws),
        institution=giver,
        platform=phrase("system", draws, part),
        domain=_domain(giver, country, draws),
        year=year,
    )


def acronym(draws: Draws) -> str:
    return "".join(draws.one_of(ACRONYM_LETTERS) for _ in range(draws.whole(3, 5)))


def coined_word(draws: Draws, syllables: int) -> str:
    return "".join(draws.one_of(CONSONANTS) + draws.one_of(VOWELS) for _ in range(syllables))


def ascii_word(text: str) -> str:
    """The letters and digits of a text, in lower case and without accents, as in a domain."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(one for one in letters if one.isascii() and one.isalnum())


def _part(slot: str, country: Country, year: int, draws: Draws) -> str:
    """A part of a name: all that a name may hold besides phrases."""
    if slot == "acronym":
        return acronym(draws)
    if slot == "city":
        return draws.one_of(country.cities)
    if slot == "year":
        return str(year)
    return coined_word(draws, 1) if slot == "syllable" else coined_word(draws, draws.whole(2, 3)).capitalize()


def _domain(institution: str, country: Country, draws: Draws) -> str:
    words = [ascii_word(word) for word in institution.split() if len(word) > 3]
    forms = (words[-1], f"becas{words[-1]}", "".join(word[0] for word in words) + words[-1][:4], coined_word(draws, 3))
    return draws.one_of(("", "", "", "becas.", "portal.")) + draws.one_of(forms) + draws.one_of(country.endings)
