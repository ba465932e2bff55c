"""The kinds of value that may fill a slot, drawn for one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zoo.becas import dates
from zoo.becas.phrases import phrase, phrases
from zoo.becas.setting import Setting, acronym, ascii_word, coined_word
from zoo.draws import Draws

Draw = Callable[[Draws, Setting], str]
AGES = (
    "entre {low} y {high} años",
    "entre {low} y {high} años",
    "entre {low} y {high} años de edad",
    "entre los {low} y los {high} años",
    "de {low} a {high} años",
    "de {low} a {high} años cumplidos",
    "{low} a {high} años",
    "menos de {high} años",
    "no más de {high} años",
    "un máximo de {high} años",
    "{high} años como máximo",
    "{high} años o menos",
    "hasta {high} años",
    "más de {low} años",
    "al menos {low} años",
    "{low} años cumplidos",
)
HOURS = (
    "{days} de {opening} a {closing}{after}",
    "{days} de {opening} a {closing}{after}",
    "{days}, de {opening} a {closing}{after}",
    "{days}, {opening}-{closing}{after}",
    "{days} entre las {opening} y las {closing}{after}",
    "{opening} a {closing}{after}, {days}",
    "{days} de {opening} a 14:00 y de 16:00 a {closing}{after}",
)


def money(draws: Draws, setting: Setting) -> str:
    country = setting.country
    if draws.chance(0.06):
        return draws.one_of(country.worded_money)
    low, high, step = draws.one_of(country.sums)
    digits = grouped(draws.whole(low // step, high // step) * step, draws.one_of(country.thousands))
    return draws.one_of(country.money).replace("{sum}", digits)


def money_span(draws: Draws, setting: Setting) -> str:
    """Two amounts in one style, the lower first: "más de $400 hasta $800"."""
    country = setting.country
    low, high, step = draws.one_of(country.sums[:2])
    first = draws.whole(low // step, high // step) * step
    separator, style = draws.one_of(country.thousands), draws.one_of(country.money)
    ends = [
        style.replace("{sum}", grouped(amount, separator)) for amount in (first, first + draws.whole(1, 6) * step * 10)
    ]
    forms = ("más de {} hasta {}", "entre {} y {}", "de {} a {}", "desde {} hasta {}", "más de {} y menos de {}")
    return draws.one_of(forms).format(*ends)


def grouped(number: int, separator: str) -> str:
    return f"{number:,}".replace(",", separator)


def count(draws: Draws, setting: Setting) -> str:
    if draws.chance(0.12):
        return phrase("even_count", draws)
    low, high, step = draws.one_of(((5, 99, 1), (100, 990, 5), (1000, 9900, 50), (10000, 90000, 500)))
    return grouped(draws.whole(low // step, high // step) * step, draws.one_of(setting.country.thousands))


def number(draws: Draws, setting: Setting) -> str:
    """From 2 to 30, in digits or in words."""
    return phrase("small_number", draws) if draws.chance(0.35) else str(draws.whole(2, 30))


def percentage(draws: Draws, setting: Setting) -> str:
    value = draws.whole(2, 19) * 5
    if draws.chance(0.08):
        return draws.one_of(("sesenta por ciento", "ochenta por ciento", "setenta y cinco por ciento", "cien por cien"))
    return draws.one_of(("{} %", "{}%", "{}%", "{} por ciento")).format(value)


def age_range(draws: Draws, setting: Setting) -> str:
    """A phrase that fits after "tener"."""
    low = draws.whole(14, 26)
    high = low + draws.whole(2, 18)
    return draws.one_of(AGES).format(low=low, high=high)


def office_hours(draws: Draws, setting: Setting) -> str:
    days = phrase("open_days", draws)
    opening, closing = dates.clock(draws, 7, 10), dates.clock(draws, 13, 20)
    after = draws.one_of(("", "", "", " horas", " h", " hrs"))
    return draws.one_of(HOURS).format(days=days, opening=opening, closing=closing, after=after)


def phone(draws: Draws, setting: Setting) -> str:
    main = digits(draws, draws.one_of(setting.country.telephones))
    extension = draws.one_of(
        ("", "", "", " ext. {}", ", extensión {}", " ext {}", " extensión {}", ", ext. {}", " interno {}")
    )
    return main + extension.format(draws.whole(100, 59999))


def digits(draws: Draws, mask: str) -> str:
    """A digit from 1 to 9 for every #."""
    return "".join(str(draws.whole(1, 9)) if one == "#" else one for one in mask)


def email(draws: Draws, setting: Setting) -> str:
    box = phrase("mailbox", draws) + draws.one_of(("", "", "", str(setting.year), f"_{acronym(draws).lower()}"))
    if draws.chance(0.3):
        box = f"{draws.one_of('abcdefghijlmnprst')}{draws.one_of(('.', '', '_'))}{ascii_word(phrase('surname', draws))}"
    if draws.chance(0.1):
        return f"{box}.{coined_word(draws, 2)}@{phrase('free_mail', draws)}"
    return f"{box}@{draws.one_of((setting.domain, setting.domain, _other_domain(draws, setting)))}"


def url(draws: Draws, setting: Setting) -> str:
    path = _path(draws, setting)
    domain = draws.one_of((setting.domain, setting.domain, _other_domain(draws, setting)))
    start = draws.one_of(("https://www.", "https://", "http://", "www.", "www.", "", "https://"))
    return start + domain + draws.one_of(("", "", "/")) if draws.chance(0.25) else f"{start}{domain}/{path}"


def social(draws: Draws, setting: Setting) -> str:
    """A profile: its address, its handle, or its name and network."""
    handle = draws.one_of(("Becas", "becas_", "Apoyos", "beca.")) + draws.one_of(
        (acronym(draws), phrase("surname", draws).replace(" ", ""), coined_word(draws, 2).capitalize())
    )
    network = draws.one_of(("facebook", "instagram", "twitter", "x", "tiktok", "youtube"))
    forms = (
        f"https://www.{network}.com/{handle}",
        f"{network}.com/{handle}",
        f"@{handle}",
        f"@{handle} en {network.title()}",
    )
    return draws.one_of(forms)


def bank(draws: Draws, setting: Setting) -> str:
    return draws.one_of(setting.country.banks)


def grade(draws: Draws, setting: Setting) -> str:
    return draws.one_of(setting.country.grades)


def _path(draws: Draws, setting: Setting) -> str:
    return phrase("path", draws, lambda slot: str(setting.year if slot == "year" else draws.whole(10, 9999)))


def _other_domain(draws: Draws, setting: Setting) -> str:
    return coined_word(draws, draws.whole(2, 4)) + draws.one_of(setting.country.endings)


PRIMITIVES: Mapping[str, Draw] = {
    "money": money,
    "money_span": money_span,
    "count": count,
    "number": number,
    "percentage": percentage,
    "grade": grade,
    "age_range": age_range,
    "hours": office_hours,
    "street": lambda draws, setting: draws.one_of(setting.country.streets),
    "postcode": lambda draws, setting: digits(draws, draws.one_of(setting.country.postcodes)),
    "house": lambda draws, setting: str(draws.whole(1, 2900)),
    "floor": lambda draws, setting: str(draws.whole(1, 9)),
    "phone": phone,
    "email": email,
    "url": url,
    "social": social,
    "bank": bank,
    "acronym": lambda draws, setting: acronym(draws),
    "coined": lambda draws, setting: coined_word(draws, draws.whole(2, 3)).capitalize(),
    "syllable": lambda draws, setting: coined_word(draws, 1),
    "city": lambda draws, setting: draws.one_of(setting.country.cities),
    "people": lambda draws, setting: setting.country.people,
    "country": lambda draws, setting: setting.country.name,
    "wages": lambda draws, setting: draws.one_of(setting.country.wages),
    "date": lambda draws, setting: dates.one_date(draws, setting.year),
    "date_range": lambda draws, setting: dates.date_range(draws, setting.year),
    "month": lambda draws, setting: draws.one_of(dates.MONTHS),
    "time": lambda draws, setting: dates.clock(draws, 7, 23),
    "past_year": lambda draws, setting: str(setting.year - draws.whole(1, 30)),
}
KINDS = PRIMITIVES.keys() | phrases().keys()
