"""Values of Python, numpy and pandas as the JSON that the API reads.

Neither library is imported: their values are known by what they can do. Missing values (None, NaN, NaT, pandas.NA) are
null, dates and times ISO 8601, and what JSON has no word for is refused with its place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from despliegue_client.errors import UnsendableError

PLAIN = (str, bool, int)


def json_bytes(document: object) -> bytes:
    """Compact UTF-8. Raises UnsendableError for what is no JSON."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError) as error:
        raise UnsendableError(f"cannot be written as JSON: {error}") from None


def json_value(value: Any) -> Any:
    """The value for JSON. Raises UnsendableError, without a place."""
    kind = type(value)
    if value is None or kind in PLAIN:
        return value
    if kind is float:
        return _number(value)
    if isinstance(value, Mapping):
        return {text_of(name): json_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(inner) for inner in value]
    return None if _is_missing(value) else _other(value)


def json_rows(rows: Sequence[Mapping[Any, Any]]) -> Iterator[bytes]:
    """Each row as JSON. Raises UnsendableError with the number of the row, from 0, and the column."""
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise UnsendableError(f"row {number} is {type(row).__name__}, not a dict of columns")
        yield json_bytes({text_of(name): placed(value, number, name) for name, value in row.items()})


def placed(value: Any, row: object, column: object) -> Any:
    """The value for JSON; an UnsendableError has its place."""
    try:
        return json_value(value)
    except UnsendableError as error:
        raise UnsendableError(f"row {row}, column {text_of(column)!r}: {error}") from None


def text_of(value: object) -> str:
    """The characters of a text, also of a member of an enum of texts; of anything else what str makes of it."""
    # str of such a member, unless its class is a StrEnum, is the name of the class and its own
    return str.__str__(value) if isinstance(value, str) else str(value)


def _number(value: float) -> float | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        raise UnsendableError("infinity has no JSON: send a number, or None for a missing value")
    return value


def _is_missing(value: Any) -> bool:
    """True for what is not equal to itself: NaN and NaT; and for pandas.NA, whose comparison has no truth value."""
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _other(value: Any) -> Any:
    """What no plain type is: subclasses, dates, and the scalars of numpy."""
    if isinstance(value, str | UUID):
        return text_of(value)
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else _number(float(value))
    if isinstance(value, date):
        return _without_zeros(value.isoformat())
    if type(value).__name__ == "datetime64":
        return _without_zeros(str(value))
    if isinstance(value, time | timedelta) or type(value).__name__ == "timedelta64":
        raise UnsendableError(f"{type(value).__name__} has no JSON: send a number of seconds, or a date and time")
    return _plain(value)


def _without_zeros(text: str) -> str:
    """A date and time without the three last of nine zeros; the API reads microseconds."""
    head, point, fraction = text.partition(".")
    digits = len(fraction) - len(fraction.lstrip("0123456789"))
    is_nanoseconds = digits == len("123456789") and fraction[6:9] == "000"
    return f"{head}{point}{fraction[:6]}{fraction[9:]}" if is_nanoseconds else text


def _plain(value: Any) -> Any:
    """Subclasses of int and float, and scalars of numpy by their own conversion."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(float(value))
    convert = getattr(value, "item", None)
    found = convert() if callable(convert) and getattr(value, "ndim", 0) == 0 else value
    if type(found) in PLAIN:
        return found
    if type(found) is float:
        return _number(found)
    raise UnsendableError(f"{type(value).__name__} has no JSON: send texts, numbers, truth values or dates")
