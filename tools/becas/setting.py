"""The names of one page: the scholarship, who gives it, where one applies, in which country and year."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from tools.becas.countries import COUNTRIES, Country
from tools.becas.template import choose
from tools.samples.draws import Draws

NAMES = {"program", "institution", "platform", "year", "next_year"}
SURNAMES = (
    "Altamira Barragán Cifuentes Del~Valle Echeverría Fuentes Garcidueñas Henestrosa Inchausti Jaramillo Larrañaga "
    "Montúfar Nájera Olmos Pizarnik Quiroga Rentería Sotomayor Tamayo Urrutia Valdivieso Yáñez Zubieta Arriaga Belmonte "
    "Castellanos Donoso Esquivel Farías Gallardo Hurtado Iturbide Landa Mondragón Novoa Ordóñez Palafox Rosales Sandoval"
).split()
FIELDS = (
    "Excelencia|Transporte|Alimentación|Movilidad|Manutención|Titulación|Investigación|Idiomas|Residencia|Conectividad|"
    "Permanencia|Talento|Inclusión|Comedor|Libros|Vivienda|Verano Científico|Prácticas|Posgrado|Iniciación Deportiva|"
    "Apoyo Escolar|Servicio Social|Intercambio|Continuidad|Matrícula|Desarrollo Humano|Artes|Ciencia Joven"
)
FEMININE_PROGRAMS = (
    f"Beca de [{FIELDS}]",
    f"Beca [{{surname}}|{{acronym}}|{{surname}} de [{FIELDS}]|{{acronym}} {{year}}]",
    "Beca [Deportiva|Institucional|Universitaria|Rural|Solidaria|Cultural|Técnica|Jóvenes en Acción|Futuro|Puente]",
    "Beca [Institucional|Universitaria|Social|de Transporte|de Estímulo] [A|B|C|I|II|Tipo 1|Tipo 2|Nivel Medio]",
    f"Ayuda [al Estudio|de {{city}}|de [{FIELDS}]|{{surname}}|a la Matrícula|Complementaria]",
    "Beca para [Madres Jóvenes|Hijas e Hijos de Docentes|Estudiantes Indígenas|Mujeres en Ingeniería|Deportistas]",
)
MASCULINE_PROGRAMS = (
    f"Programa [{{surname}}|{{acronym}}|de Becas {{surname}}|de [{FIELDS}]|Impulso|Semilla]",
    f"Apoyo [Económico|{{surname}}|a [{FIELDS}]|de [{FIELDS}]|{{city}} Estudia]",
    f"Subsidio [de [{FIELDS}]|Estudiantil|{{surname}}]",
    "Fondo [{surname}|{acronym}|Solidario|de Estudios {city}]",
)
FEMININE_SHORT = ("la beca", "la beca", "la beca", "la ayuda", "esta beca")
MASCULINE_SHORT = ("el apoyo", "el programa", "el beneficio", "este apoyo")
INSTITUTIONS = (
    "la Universidad [{surname}|de {city}|Autónoma de {city}|Tecnológica de {city}|Nacional {surname}|Politécnica {surname}]",
    "el Instituto [Tecnológico de {city}|{surname}|Politécnico de {city}|Superior {surname}|de la Juventud de {city}]",
    "la Fundación [{surname}|{acronym}|{surname} y {other_surname}|Educar {city}]",
    "la Secretaría de [Educación|Bienestar|Cultura|Desarrollo Social] de {city}",
    "el [Ayuntamiento|Municipio|Gobierno] de {city}",
    "la [Facultad de Ingeniería|Dirección de Becas|Caja de Ahorros|Diputación|Escuela Normal] de {city}",
    "el [Colegio|Consejo|Centro] [{surname}|de Ciencias de {city}|de Estudios {surname}]",
)
PLATFORMS = (
    "[SI|Si|e-|Mi|Portal ||Sistema |]{acronym}",
    "[Portal|Mi|Sube|Gestor|Ventanilla|Campus] {coined}",
    "{coined}[Becas|Net|Web|||+]",
    "Si[bec|gae|est|abe|bu]{syllable}",
)
IDENTITY = ("program_name", "institution", "platform")
"""The facts whose value is a name of the setting."""
SHORT_ONLY = 0.4
"""Of the pages that do not state the program's name, those that never use it."""
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
        """What stands for a slot of NAMES; the program goes by its full name or a short one."""
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
    program = draws.one_of(FEMININE_PROGRAMS if feminine else MASCULINE_PROGRAMS)
    institution = _named(draws.one_of(INSTITUTIONS), country, year, draws)
    return Setting(
        country=country,
        program=("la " if feminine else "el ") + _named(program, country, year, draws),
        short_program=draws.one_of(FEMININE_SHORT if feminine else MASCULINE_SHORT),
        institution=institution,
        platform=_named(draws.one_of(PLATFORMS), country, year, draws),
        domain=_domain(institution, country, draws),
        year=year,
    )


def acronym(draws: Draws) -> str:
    return "".join(draws.one_of(ACRONYM_LETTERS) for _ in range(draws.whole(3, 5)))


def coined_word(draws: Draws, syllables: int) -> str:
    return "".join(draws.one_of(CONSONANTS) + draws.one_of(VOWELS) for _ in range(syllables))


def surname(draws: Draws) -> str:
    return draws.one_of(SURNAMES).replace("~", " ")


def ascii_word(text: str) -> str:
    """The letters and digits of a text, in lower case and without accents, as in a domain."""
    letters = unicodedata.normalize("NFD", text.lower())
    return "".join(one for one in letters if one.isascii() and one.isalnum())


def _named(template: str, country: Country, year: int, draws: Draws) -> str:
    return choose(template, draws).format(
        surname=surname(draws),
        other_surname=surname(draws),
        acronym=acronym(draws),
        city=draws.one_of(country.cities),
        year=year,
        coined=coined_word(draws, draws.whole(2, 3)).capitalize(),
        syllable=coined_word(draws, 1),
    )


def _domain(institution: str, country: Country, draws: Draws) -> str:
    words = [ascii_word(word) for word in institution.split() if len(word) > 3]
    forms = (words[-1], f"becas{words[-1]}", "".join(word[0] for word in words) + words[-1][:4], coined_word(draws, 3))
    return draws.one_of(("", "", "", "becas.", "portal.")) + draws.one_of(forms) + draws.one_of(country.endings)
