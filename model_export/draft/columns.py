"""One column of a table: its type, its values, its missing cells."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from functions.core.cell_values import TRUTH
from functions.core.column_check import LARGEST_EXACT_INTEGER
from functions.core.datetimes import TimeZone, read_datetime, time_zone_of, written_datetime
from functions.core.definition import FileSettings
from functions.core.near_names import normal
from functions.core.schema import FeatureType
from model_export.training_files.date_cells import is_date, possible_orders

MISSING_TEXTS = (*FileSettings().missing, "NULL", "n/a", "#N/A", "<NA>", "-nan", "-NaN")
"""Texts for a missing value in files of pandas, R and databases."""
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?|\d{1,2}[/.]\d{1,2}[/.]\d{4}")
URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+", re.I)
ID_NAME = re.compile(r"(.*[_\- .])?(id|uuid|guid|key|index|idx|rowid|row|nr|number)|unnamed.*", re.I)
# customerID and userId, but not paid.
CAMEL_ID = re.compile(r".*[a-z](ID|Id)")
# 007 and 00123, which are codes.
PADDED = re.compile(r"[+-]?0\d+")
MOST_LEVELS = 200
# In fewer rows all values may differ by chance.
FEW_ROWS = 20
WORDS_OF_TEXT = 3.0
# A column is text with a note, not an error, if so many of its values are numbers: the others may mean "missing".
ALMOST_ALL = 0.95
Kind = Literal["string", "integer", "number", "boolean", "datetime"]
GIVEN: tuple[Kind, ...] = ("string", "integer", "datetime")


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column with its inferred type.

    `values` are of that type, None where a cell is missing; `levels` are the distinct values with their counts. Those
    of a datetime are texts in ISO 8601, in UTC if the cells have an offset.
    """

    name: str
    type: FeatureType
    values: tuple[Any, ...]
    levels: dict[Any, int]
    note: str = ""

    @property
    def is_boolean(self) -> bool:
        return self.type == "boolean"

    @property
    def time_zone(self) -> TimeZone:
        """The time zone of a datetime; none of any other column."""
        is_utc = self.type == "datetime" and any(level.endswith("Z") for level in self.levels)
        return "UTC" if is_utc else "none"

    @property
    def ends(self) -> tuple[str, str]:
        """The first and the last of the moments of a datetime."""
        ordered = sorted(self.levels, key=lambda level: read_datetime(level, self.time_zone))
        return ordered[0], ordered[-1]

    @property
    def present(self) -> int:
        return sum(self.levels.values())

    @property
    def holes(self) -> int:
        return len(self.values) - self.present

    @property
    def is_constant(self) -> bool:
        return not self.levels or (len(self.levels) == 1 and not self.holes)

    @property
    def is_distinct(self) -> bool:
        return len(self.levels) == len(self.values)

    @property
    def is_date(self) -> bool:
        return self.type == "string" and bool(self.levels) and all(DATE.fullmatch(value) for value in self.levels)

    @property
    def is_id(self) -> bool:
        """True if it identifies rows: distinct codes without spaces, or whole numbers under the name of an id."""
        if not self.is_distinct or len(self.values) < FEW_ROWS:
            return False
        if self.type == "string":
            return all(URL.fullmatch(value) or not (" " in value or len(value) > 64) for value in self.levels)
        return self.type == "integer" and is_id_name(self.name)

    @property
    def is_free_text(self) -> bool:
        """True if it has too many values to be categories, or values that differ only in case or spaces."""
        if self.type != "string":
            return False
        many = len(self.levels) > MOST_LEVELS or (self.present >= FEW_ROWS and len(self.levels) > self.present / 2)
        return many or len({normal(value) for value in self.levels}) < len(self.levels)

    @property
    def words(self) -> float:
        """The mean number of words of a value."""
        if self.type != "string" or not self.levels:
            return 0.0
        return sum(len(value.split()) * count for value, count in self.levels.items()) / self.present

    @property
    def is_long_text(self) -> bool:
        return self.is_free_text and self.words >= WORDS_OF_TEXT


def column_of(name: str, cells: Sequence[Any], wanted: Kind | None = None) -> TableColumn:
    """The column of these cells, which may hold numbers as text; `wanted` overrules the type that they suggest.

    Raises ValueError, with the reason, for a cell that is neither a text nor a number.
    """
    values = [_value(cell) for cell in cells]
    strange = next((value for value in values if not isinstance(value, str | int | float | None)), None)
    if strange is not None:
        raise ValueError(f"holds {strange!r}, and a value is a text or a number")
    present = Counter(value for value in values if value is not None)
    kind = wanted if wanted in GIVEN else _kind(present, padded_is_text=wanted is None)
    if kind == "datetime":
        _refuse_other_dates(present)
    note = "" if kind != "string" or wanted else _almost_numbers(present)
    read = {value: _read(value, kind) for value in present}
    levels: Counter[Any] = Counter()
    for value, count in present.items():
        levels[read[value]] += count
    ordered = tuple(None if value is None else read[value] for value in values)
    return TableColumn(name, kind, ordered, dict(sorted(levels.items())), note)


def is_id_name(name: str) -> bool:
    return bool(CAMEL_ID.fullmatch(name) or ID_NAME.fullmatch(name)) or not name


def _value(cell: Any) -> Any:
    if isinstance(cell, str):
        text = cell.strip()
        return None if text in MISSING_TEXTS else text
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _kind(present: Counter[Any], *, padded_is_text: bool) -> Kind:
    if _is_boolean(present):
        return "boolean"
    if _is_datetime(present):
        return "datetime"
    if not all(_is_number(value) for value in present):
        return "string"
    if padded_is_text and any(isinstance(value, str) and PADDED.fullmatch(value) for value in present):
        return "string"  # 00123 is a code: as a number it loses its zeros
    if not present or not all(_is_whole(value) for value in present):
        return "number"
    # A larger whole number cannot be held by float64, so it is a code.
    return "integer" if all(abs(_integer(value)) <= LARGEST_EXACT_INTEGER for value in present) else "string"


def _is_boolean(present: Counter[Any]) -> bool:
    """Return True if all values are true or false, in any case."""
    return bool(present) and all(
        isinstance(value, bool) or (isinstance(value, str) and value.lower() in TRUTH) for value in present
    )


def _is_datetime(present: Counter[Any]) -> bool:
    """Return True if all values are dates and times of one time zone; most columns are told by their first."""
    first = next(iter(present), None)
    if not isinstance(first, str) or time_zone_of(first) is None:
        return False
    return _time_zones(present) == {time_zone_of(first)}


def _time_zones(present: Counter[Any]) -> set[TimeZone | None]:
    """The time zones of the values; None among them if one is no date and time."""
    return {time_zone_of(value) if isinstance(value, str) and is_date(value) else None for value in present}


def _refuse_other_dates(present: Counter[Any]) -> None:
    strange = next((value for value in present if not isinstance(value, str) or not is_date(value)), None)
    if strange is not None:
        orders = possible_orders(list(present)) if all(isinstance(value, str) for value in present) else []
        what = f"may be {' or '.join(orders)}: write them" if len(orders) > 1 else "is no date and time"
        raise ValueError(f"holds {strange!r}, which {what} as in ISO 8601, such as 2026-11-29")
    if len(_time_zones(present)) > 1:
        raise ValueError("holds times of which some have an offset, and others none")


def _is_number(value: Any) -> bool:
    if not isinstance(value, str):
        return not isinstance(value, bool)
    try:
        return "_" not in value and math.isfinite(float(value))
    except ValueError:
        return False


def _is_whole(value: Any) -> bool:
    return value.lstrip("+-").isdecimal() if isinstance(value, str) else float(value).is_integer()


def _read(value: Any, kind: Kind) -> Any:
    if kind == "string":
        return str(value)
    if kind == "datetime":
        zone = time_zone_of(value) or "none"
        return written_datetime(read_datetime(value, zone), zone)
    if isinstance(value, bool) or (isinstance(value, str) and value.lower() in TRUTH):
        truth = TRUTH[str(value).lower()]
        return bool(truth) if kind == "boolean" else truth
    return _integer(value) if kind == "integer" else float(value)


def _integer(value: Any) -> int:
    return int(value) if isinstance(value, str) and _is_whole(value) else int(float(value))


def _almost_numbers(present: Counter[Any]) -> str:
    """A note on a text column with a few cells that are no numbers; empty for any other column."""
    others = sorted(str(value) for value in present if not _is_number(value))
    share = 1 - len(others) / max(len(present), 1)
    if not others or share < ALMOST_ALL or len(present) < FEW_ROWS:
        return ""
    examples = ", ".join(map(repr, others[:3]))
    return f'text because of {examples}; if that means "missing", add it to missing in [files] and set type = "number"'
