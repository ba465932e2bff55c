"""The kinds of value: what may stand for a slot, drawn for one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tools.becas import dates
from tools.becas.setting import Setting, acronym, ascii_word, coined_word, surname
from tools.samples.draws import Draws

Draw = Callable[[Draws, Setting], str]
SMALL_NUMBERS = "dos tres cuatro cinco seis siete ocho nueve diez doce quince veinte".split()
EVEN_COUNTS = (
    "cien",
    "mil",
    "dos mil",
    "tres mil",
    "cinco mil",
    "cincuenta",
    "ochenta",
    "sesenta",
    "cuarenta",
    "veinte",
)
PERIODS = (
    "mensuales|al mes|mensuales|por mes|anuales|al año|por semestre|semestrales|por cuatrimestre|por periodo escolar|por curso|"
    "por curso académico|por bimestre|bimestrales|cada dos meses|por trimestre|a la semana|por ciclo escolar|"
    "en una sola exhibición|en un solo pago|en un pago único|por única vez|por alumno|por estudiante|cada mes|por semestre|"
    "por periodo lectivo|por año lectivo|cada cuatro meses"
)
MAILBOXES = (
    "becas contacto info atencion ayuda soporte convocatoria apoyos becarios dudas consultas registro bienestar secretaria "
    "oficina.becas servicios.escolares gestion control estudiantes programa tramites mesadeayuda"
).split()
PATHS = (
    "becas convocatoria apoyos estudiantes/becas servicios/becas.html convocatorias/{year} becas/{year}/bases.pdf "
    "ayudas/estudio tramites/beca docs/convocatoria_{year}.pdf beca/inicio.php alumnos/apoyos es/becas noticias/{number} "
    "index.php?id={number} becas/preguntas-frecuentes ayuda faq soporte/guia.html tutoriales registro/manual.pdf"
).split()
FREE_MAIL = ("gmail.com", "outlook.com", "hotmail.com")


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
        return draws.one_of(EVEN_COUNTS)
    low, high, step = draws.one_of(((5, 99, 1), (100, 990, 5), (1000, 9900, 50), (10000, 90000, 500)))
    return grouped(draws.whole(low // step, high // step) * step, draws.one_of(setting.country.thousands))


def number(draws: Draws, setting: Setting) -> str:
    """From 2 to 30, in digits or in words."""
    return draws.one_of(SMALL_NUMBERS) if draws.chance(0.35) else str(draws.whole(2, 30))


def percentage(draws: Draws, setting: Setting) -> str:
    value = draws.whole(2, 19) * 5
    if draws.chance(0.08):
        return draws.one_of(("sesenta por ciento", "ochenta por ciento", "setenta y cinco por ciento", "cien por cien"))
    return draws.one_of(("{} %", "{}%", "{}%", "{} por ciento")).format(value)


def megabytes(draws: Draws, setting: Setting) -> str:
    if draws.chance(0.25):
        return f"{draws.whole(2, 18) * 50} {draws.one_of(('KB', 'kB', 'kilobytes', 'Kb'))}"
    size = draws.one_of(("1", "2", "3", "4", "5", "8", "10", "15", "20", "25", "1.5", "2,5", "dos", "cinco", "diez"))
    unit = draws.one_of(("MB", "MB", "MB", "Mb", "megabytes", "megas", "M"))
    return (
        f"{size}MB" if unit == "M" and size.isdigit() else f"{size} {unit.replace('M', 'MB') if unit == 'M' else unit}"
    )


def dpi(draws: Draws, setting: Setting) -> str:
    dots = draws.one_of(("72", "96", "100", "120", "150", "180", "200", "240", "250", "300", "400", "600"))
    return f"{dots} {draws.one_of(('dpi', 'dpi', 'ppp', 'DPI', 'puntos por pulgada', 'píxeles por pulgada', 'ppi'))}"


def age_range(draws: Draws, setting: Setting) -> str:
    """A phrase that fits after "tener"."""
    low = draws.whole(14, 26)
    high = low + draws.whole(2, 18)
    forms = (
        "entre {low} y {high} años", "de {low} a {high} años", "{low} a {high} años", "entre los {low} y los {high} años",
        "menos de {high} años", "no más de {high} años", "{high} años como máximo", "hasta {high} años",
        "más de {low} años", "al menos {low} años", "{low} años cumplidos", "un máximo de {high} años", "{high} años o menos",
        "entre {low} y {high} años", "de {low} a {high} años cumplidos", "entre {low} y {high} años de edad",
    )  # fmt: skip
    return draws.one_of(forms).format(low=low, high=high)


def office_hours(draws: Draws, setting: Setting) -> str:
    days = draws.one_of(
        ("lunes a viernes", "lunes a viernes", "lunes a jueves", "martes y jueves", "lunes, miércoles y viernes", "martes a sábado",
         "días hábiles", "lunes a sábado", "miércoles", "martes a viernes")
    )  # fmt: skip
    opening, closing = dates.clock(draws, 7, 10), dates.clock(draws, 13, 20)
    after = draws.one_of(("", "", "", " horas", " h", " hrs", " hrs.")).rstrip(".")
    forms = (
        "{days} de {opening} a {closing}{after}", "{days} de {opening} a {closing}{after}", "{days}, de {opening} a {closing}{after}",
        "{days}, {opening}-{closing}{after}", "{days} entre las {opening} y las {closing}{after}", "{opening} a {closing}{after}, {days}",
        "{days} de {opening} a 14:00 y de 16:00 a {closing}{after}",
    )  # fmt: skip
    return draws.one_of(forms).format(days=days, opening=opening, closing=closing, after=after)


def address(draws: Draws, setting: Setting) -> str:
    country = setting.country
    street = (
        f"{draws.one_of(country.streets)} {draws.one_of((surname(draws), surname(draws), str(draws.whole(2, 120))))}"
    )
    gate = draws.one_of((" {}", " {}", " No. {}", ", {}", " n.º {}", " #{}")).format(draws.whole(1, 2900))
    inside = draws.one_of(
        ("", "", "", ", piso {}", ", {}.º piso", ", edificio {}", ", oficina {}", ", local {}", ", planta {}")
    ).format(draws.whole(1, 9))
    area = draws.one_of(
        ("", "", f", Col. {surname(draws)}", ", Col. Centro", ", barrio Centro", f", barrio {surname(draws)}")
    )
    code = draws.one_of(("", "", f", {digits(draws, draws.one_of(country.postcodes))}"))
    city = draws.one_of(("", f", {draws.one_of(country.cities)}", f", {draws.one_of(country.cities)}"))
    return street + gate + inside + area + code + city


def phone(draws: Draws, setting: Setting) -> str:
    main = digits(draws, draws.one_of(setting.country.telephones))
    extension = draws.one_of(
        ("", "", "", " ext. {}", ", extensión {}", " ext {}", " extensión {}", ", ext. {}", " interno {}")
    )
    return main + extension.format(draws.whole(100, 59999))


def digits(draws: Draws, mask: str) -> str:
    """A digit, not 0 at first, for every #."""
    return "".join(str(draws.whole(1, 9)) if one == "#" else one for one in mask)


def email(draws: Draws, setting: Setting) -> str:
    box = draws.one_of(MAILBOXES) + draws.one_of(("", "", "", str(setting.year), f"_{acronym(draws).lower()}"))
    if draws.chance(0.3):
        box = f"{draws.one_of('abcdefghijlmnprst')}{draws.one_of(('.', '', '_'))}{ascii_word(surname(draws))}"
    if draws.chance(0.1):
        return f"{box}.{coined_word(draws, 2)}@{draws.one_of(FREE_MAIL)}"
    return f"{box}@{draws.one_of((setting.domain, setting.domain, _other_domain(draws, setting)))}"


def url(draws: Draws, setting: Setting) -> str:
    path = draws.one_of(PATHS).format(year=setting.year, number=draws.whole(10, 9999))
    domain = draws.one_of((setting.domain, setting.domain, _other_domain(draws, setting)))
    start = draws.one_of(("https://www.", "https://", "http://", "www.", "www.", "", "https://"))
    return start + domain + draws.one_of(("", "", "/")) if draws.chance(0.25) else f"{start}{domain}/{path}"


def social(draws: Draws, setting: Setting) -> str:
    """A profile: its address, its handle, or its name and network."""
    handle = draws.one_of(("Becas", "becas_", "Apoyos", "beca.")) + draws.one_of(
        (acronym(draws), surname(draws).replace(" ", ""), coined_word(draws, 2).capitalize())
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


def person(draws: Draws, setting: Setting) -> str:
    first = draws.one_of(
        "Lucía Ramiro Elena Tomás Marisol Andrés Beatriz Gonzalo Teresa Iván Carmen Rubén Adriana Joaquín Norma Efraín".split()
    )
    title = draws.one_of(
        ("", "", "", "Lic. ", "Mtra. " if first.endswith("a") else "Mtro. ", "Dra. " if first.endswith("a") else "Dr. ")
    )
    return f"{title}{first} {surname(draws)}" + draws.one_of(("", f" {surname(draws)}"))


PHRASES: Mapping[str, tuple[str, ...]] = {
    "money_per_period": ("{money}", *(["{money} [" + PERIODS + "]"] * 4)),
    "spending": (
        "más de {money} [al mes|mensuales|a la semana|por semana|]", "{money_span} [al mes|mensuales|semanales|]",
        "{money_span} [al mes|mensuales]", "al menos {money} [al mes|mensuales|por semana]", "{money} o más [al mes|por mes|cada mes]",
        "[un mínimo de|por lo menos] {money} [mensuales|al mes]",
    ),
    "income": (
        "{money} [anuales|al año|mensuales|al mes|netos al mes|brutos anuales|por persona al mes|]",
        "{money} [anuales|al año|mensuales|al mes]", "{number} {wages}", "{number} {wages} [por hogar|por familia|por integrante|]",
    ),
    "deposit": (
        "{money}", "{money} [al mes|mensuales|por mes|en una sola operación|por operación|diarios]",
        "[3,000|1,500|750|5 000] [UDIS|UDI] [mensuales|]",
    ),
    "duration": (
        "[un|dos|tres|cuatro] [semestres|periodos escolares|años|ciclos|cuatrimestres|trimestres|cursos]", "{number} meses",
        "[diez|doce|seis|nueve|cinco|once|18|24|10|6] meses", "[el|todo el] [ciclo escolar|curso|año académico|año lectivo] {course}",
        "los [dos|tres] [periodos|semestres|cuatrimestres] del [ciclo|curso|año] {course}",
        "[todo el año|un año|un curso académico|un semestre|un ciclo escolar|medio año|un año natural]",
        "[un máximo de|hasta|un mínimo de] [dos años|diez meses|tres cursos|cuatro semestres|{number} meses]",
        "[un|dos|tres] [año|años|semestre|semestres|meses] [prorrogables|con opción a prórroga|]",
        "toda la [carrera|licenciatura]", "de [dos|tres|seis] a [nueve|doce|diez] meses", "lo que [reste|falte] de la carrera",
    ),
    "course": ("{year}-{next_year}", "{year}-{next_year}", "{year}/{next_year}", "{year}-[1|2]", "{year}", "{year}[A|B]"),
    "moment": (
        "el {date}", "el {date}", "el {date}", "en {month}", "en {month} de {year}", "en el mes de {month}",
        "[a principios|a finales|a mediados|a inicios|al final] de {month}",
        "[antes|poco antes|después] [del inicio|del final|del cierre] [de cada semestre|del semestre|del curso|del ciclo escolar]",
        "al [inicio|final|comienzo|término] de cada [semestre|curso|cuatrimestre|ciclo|año]",
        "[la primera|la segunda|la última] [semana|quincena] de {month}", "los primeros [días|cinco días hábiles|diez días] de {month}",
        "entre {month} y {month}", "dentro de los {work_days} [siguientes|posteriores] a la [firma|publicación|aceptación]",
        "[cada|durante|hacia] {month}", "en [enero y julio|febrero y agosto|marzo y septiembre]",
    ),
    "start": (
        "el {date}", "el {date}", "el {date}", "{month} de {year}", "{month}", "el mes de {month}", "el 1 de {month} de {year}",
        "el [inicio|comienzo|primer día] [del curso|del semestre|del ciclo escolar|de clases|del periodo] [{course}|]",
        "el mes siguiente [a la firma|a la aprobación|al de la solicitud|]", "el día siguiente a la [resolución|publicación|firma]",
        "la fecha de [la firma|aceptación|la resolución|matrícula]", "la [primera|segunda] quincena de {month}",
    ),
    "deadline": (
        "[dentro de|en] los {work_days} [siguientes|posteriores] a [la publicación|los resultados|la notificación|la resolución]",
        "[dentro de|en] los {work_days} [siguientes|posteriores] a la publicación de [los resultados|la lista|la resolución]",
        "en un plazo [de|máximo de|no mayor a] {days}", "[hasta|a más tardar|antes de] el {date}", "{date_range}", "{date_range}",
        "en un plazo de {days} [a partir|contados a partir] [de la notificación|del fallo|de los resultados]",
        "durante los {work_days} [siguientes|posteriores] [al aviso|a los resultados|al dictamen]",
        "[hasta|a más tardar] {days} después [del dictamen|de la notificación|de los resultados]",
    ),
    "program_other": (
        "la [Beca|Ayuda] [{surname}|{acronym}|de Transporte|Deportiva|de Excelencia|de Movilidad|Alimentaria]",
        "el [Programa|Apoyo|Fondo|Subsidio] [{surname}|{acronym}|de Vivienda|de Posgrado|Cultural|de Idiomas]",
    ),
    "day_past": ("[3|8|12|15|21|27] de {month} de {past_year}",),
    "date_range_past": ("del [2|5|9] al [14|20|28] de {month} de {past_year}", "el [3|11|25] de {month} de {past_year}"),
    "work_days": ("{number} días [hábiles|naturales|]", "[tres|cinco|diez|quince|veinte|treinta] días [hábiles|naturales|]"),
    "days": (
        "{number} días", "{number} días hábiles", "{number} días naturales", "[tres|cinco|diez|quince|veinte|treinta] días [hábiles|naturales|]",
        "[dos|tres|cuatro] semanas", "[un mes|dos meses|una semana|48 horas|72 horas]",
    ),
}  # fmt: skip


def grade(draws: Draws, setting: Setting) -> str:
    return draws.one_of(setting.country.grades)


def _other_domain(draws: Draws, setting: Setting) -> str:
    return coined_word(draws, draws.whole(2, 4)) + draws.one_of(setting.country.endings)


PRIMITIVES: Mapping[str, Draw] = {
    "money": money,
    "money_span": money_span,
    "count": count,
    "number": number,
    "percentage": percentage,
    "megabytes": megabytes,
    "dpi": dpi,
    "grade": grade,
    "age_range": age_range,
    "hours": office_hours,
    "address": address,
    "phone": phone,
    "email": email,
    "url": url,
    "social": social,
    "bank": bank,
    "person": person,
    "surname": lambda draws, setting: surname(draws),
    "acronym": lambda draws, setting: acronym(draws),
    "coined": lambda draws, setting: coined_word(draws, draws.whole(2, 3)).capitalize(),
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
KINDS = PRIMITIVES.keys() | PHRASES.keys()
