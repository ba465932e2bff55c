"""Rows that real tables seldom hold, on which a converted pipeline goes wrong first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from functions.core.column_check import bounds, datetime_bounds
from functions.core.schema import Feature, Schema, Table, Value

UNSEEN_LEVELS = ("ñandú", "a level never seen", "日本", "é & ü")
TEXTS = (
    " ",
    ".",
    "\u200b",
    "x",
    "the of and to de la que el",
    "MAYÚSCULAS y Minúsculas, Über ÆØÅ",
    "cafe\u0301 n\u0303andu\u0301 café ñandú",
    "İstanbul ISPARTA \u0131spanak",
    "Straße STRASSE GRÜẞE",
    "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς",
    "Нейронная сеть Ёлка",
    "深層学習による画像認識 딥러닝 การเรียนรู้",
    "التعلّم العميق למידה עמוקה हिन्दी भाषा",
    "👩‍💻 🇪🇸 🚀 model 🤖",
    "ﬁne-tuning ½ ² Ⅷ \uff37\uff29\uff24\uff25 ㎏",
    "a_1 __init__ 3.14 1e-9 ٣٤٥ x²",
    "tab\tnew\nline\r\nno\u00a0break\u3000wide\u2028line\x1cfile\x00null",
    "  two   spaces  ",
    "palabra word " * 1000,
    "x" * 5000,
)
"""Free text: only spaces or stop words, letters of unusual case, accents or width, emoji, very long texts."""

DAY = timedelta(days=1)
TURNS = (
    datetime.min,
    datetime(1900, 2, 28, 23, 59, 59, 999_999),
    datetime(1900, 3, 1),
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(1970, 1, 1),
    datetime(2000, 2, 29, 12, 30),
    datetime(2024, 2, 29, 6),
    datetime(2024, 12, 31, 18, 45, 30),
    datetime(2100, 2, 28, 23, 59, 59, 999_999),
    datetime(2100, 3, 1),
    datetime.max,
)
"""Moments next to leap days, to centuries without one, to the epoch, and the first and the last."""


def edge_rows(schema: Schema, table: Table, divisors: Collection[str] = ()) -> Table:
    """Copies of the first row of `table`, each with one feature changed: missing, unseen, extreme, 0 for a divisor.

    `table` has at least one row; only values that the schema allows are used.
    """
    names = schema.feature_names
    # One feature at a time, so that a difference names the feature that made it.
    base = {name: table[name][0] for name in names}
    rows = [{**base, feature.name: value} for feature in schema.features for value in _edges(feature)]
    numbers = [one for one in schema.features if one.name in divisors and one.tensor == "numbers" and not one.choices]
    rows += [{**base, feature.name: _bounded(feature, 0.0)} for feature in numbers]
    if any(feature.nullable for feature in schema.features):
        rows.append({feature.name: None if feature.nullable else base[feature.name] for feature in schema.features})
    return {name: [row[name] for row in rows] for name in names}


def _edges(feature: Feature) -> list[Value]:
    missing: list[Value] = [None] if feature.nullable else []
    if feature.choices:
        return [*missing, *feature.choices]
    if feature.is_string:
        return [*missing, *UNSEEN_LEVELS, *(() if feature.categorical else TEXTS)]
    if feature.is_datetime:
        return [*missing, *_moments(feature)]
    low, high = (feature.comparable(end) for end in feature.observed or (0.0, 1.0))
    extremes = [low, high, low - 1, high + 1, 10 * high, (low + high) / 2]
    bounded = [_bounded(feature, value) for value in extremes]
    return [*missing, *dict.fromkeys(bounded)]


def _moments(feature: Feature) -> list[Value]:
    """The ends of the range with their neighbours, and the moments at which the calendar turns, within the bounds."""
    minimum, maximum = datetime_bounds(feature)
    low, high = (feature.comparable(end) for end in feature.observed or ("1970-01-01", "1970-01-01"))
    near = [end + step for end in (low, high) for step in (timedelta(0), DAY, -DAY) if _is_moment(end, step)]
    return [moment for moment in dict.fromkeys([*near, *TURNS]) if minimum <= moment <= maximum]


def _is_moment(end: datetime, step: timedelta) -> bool:
    return datetime.min - min(step, timedelta(0)) <= end <= datetime.max - max(step, timedelta(0))


def _bounded(feature: Feature, value: float) -> int | float:
    minimum, maximum = bounds(feature)
    value = min(max(value, minimum), maximum)
    return int(value) if feature.type == "integer" else value
