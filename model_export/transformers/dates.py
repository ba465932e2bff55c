"""Parts of dates and times as numbers, for pipelines of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from functions.core.datetimes import TimeZone, read_datetime, time_zone_of

Microseconds = npt.NDArray[np.int64]
MISSING = np.iinfo(np.int64).min
"""NaT of numpy."""
FIRST, LAST = (int(np.datetime64(moment, "us").astype(np.int64)) for moment in (datetime.min, datetime.max))
DAY = 86_400_000_000
CYCLES: Mapping[str, tuple[str, int, int]] = {
    "month_cycle": ("month", 1, 12),
    "day_of_year_cycle": ("day_of_year", 1, 366),
    "weekday_cycle": ("weekday", 0, 7),
    "hour_cycle": ("hour", 0, 24),
}
"""For each cycle the part that it goes through, the part's least value, and how many it has."""
ELAPSED = "elapsed_days"


def _calendar(microseconds: Microseconds, unit: str) -> Any:
    return microseconds.view("datetime64[us]").astype(f"datetime64[{unit}]")


def _year(microseconds: Microseconds) -> Any:
    return _calendar(microseconds, "Y").astype(np.int64) + 1970


def _month(microseconds: Microseconds) -> Any:
    return _calendar(microseconds, "M").astype(np.int64) % 12 + 1


def _days_since(microseconds: Microseconds, unit: str) -> Any:
    start = _calendar(microseconds, unit).astype("datetime64[D]")
    return (_calendar(microseconds, "D") - start).astype(np.int64) + 1


PARTS: Mapping[str, Callable[[Microseconds], Any]] = {
    "year": _year,
    "quarter": lambda microseconds: (_month(microseconds) + 2) // 3,
    "month": _month,
    "day": lambda microseconds: _days_since(microseconds, "M"),
    "day_of_year": lambda microseconds: _days_since(microseconds, "Y"),
    # 1970 began on a Thursday
    "weekday": lambda microseconds: (_calendar(microseconds, "D").astype(np.int64) + 3) % 7,
    "hour": lambda microseconds: microseconds // (DAY // 24) % 24,
    "minute": lambda microseconds: microseconds // 60_000_000 % 60,
    "second": lambda microseconds: microseconds // 1_000_000 % 60,
}
"""Whole numbers; Monday is the weekday 0, as in Python and pandas."""


def waves(cycle: str) -> npt.NDArray[np.float64]:
    """The sine and the cosine of each value of a cycle's part, from its least on: [values, 2]."""
    _, _, count = CYCLES[cycle]
    angles = 2 * np.pi * np.arange(count) / count
    return np.column_stack([np.sin(angles), np.cos(angles)])


class DateParts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns columns of dates and times into numbers: the parts of each column in order, one column after the other.

    `parts` are of year, quarter, month, day, day_of_year, weekday (Monday is 0), hour, minute, second: whole numbers;
    elapsed_days: days with their fraction since `since`, a text in ISO 8601 (over times in UTC it is in UTC), or since
    the earliest of the rows that it is fitted on; month_cycle, day_of_year_cycle, weekday_cycle, hour_cycle: the sine
    and the cosine of the part's place in its cycle, so that December is next to January.

    Columns are datetime64, with the time zone UTC or none, or objects: texts in ISO 8601, datetimes, dates. What is
    finer than a microsecond is cut off. All parts of a missing date are NaN.
    """

    def __init__(
        self,
        parts: Sequence[str] = ("year", "month", "day", "weekday", "hour", "elapsed_days"),
        *,
        since: str | None = None,
    ) -> None:
        self.parts = parts
        self.since = since

    def fit(self, X: Any, y: Any = None) -> DateParts:
        """Learn the start of elapsed time; raises ValueError for columns that hold no dates, and unknown parts."""
        known = [*PARTS, ELAPSED, *CYCLES]
        unknown = [part for part in self.parts if part not in known]
        if unknown or not len(self.parts):
            raise ValueError(f"parts of a date are {', '.join(known)}, and not {', '.join(unknown) or 'none at all'}")
        _refuse_other_shape(X)
        validate_data(self, X, skip_check_array=True)
        columns, self.time_zones_ = _read(X, self._names(), None)
        self.origins_ = self._origins(columns)
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float64]:
        """The parts as float64 [N, columns times parts]; raises ValueError for what is no date."""
        check_is_fitted(self)
        _refuse_other_shape(X)
        validate_data(self, X, skip_check_array=True, reset=False)
        columns, _ = _read(X, self._names(), self.time_zones_)
        parts = [
            _part(part, columns[:, place], int(origin))
            for place, origin in enumerate(self.origins_)
            for part in self.parts
        ]
        return np.hstack(parts)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """A column's name and the part, with an underscore between them; a cycle has two, of its sine and cosine."""
        check_is_fitted(self)
        names = self._names() if input_features is None else input_features
        return np.array([f"{name}_{end}" for name in names for part in self.parts for end in _ends(part)], dtype=object)

    def _names(self) -> list[str]:
        unnamed = [f"x{place}" for place in range(self.n_features_in_)]
        return list(map(str, getattr(self, "feature_names_in_", unnamed)))

    def _since(self) -> np.int64:
        zone = time_zone_of(str(self.since)) or "none"
        local = [name for name, known in zip(self._names(), self.time_zones_, strict=True) if known == "none"]
        if zone == "UTC" and local:
            raise ValueError(f"since has an offset, and the times of {', '.join(local)} have no time zone")
        return np.datetime64(read_datetime(str(self.since), zone), "us").astype(np.int64)

    def _origins(self, columns: Microseconds) -> Microseconds:
        if self.since is not None:
            return np.full(columns.shape[1], self._since())
        first = np.where(columns == MISSING, LAST + 1, columns).min(axis=0, initial=LAST + 1)
        empty = [name for name, start in zip(self._names(), first, strict=True) if start > LAST]
        if empty and ELAPSED in self.parts:
            raise ValueError(f"{', '.join(empty)} has no date to count days from: pass since")
        return np.asarray(np.where(first > LAST, 0, first), dtype=np.int64)


def _ends(part: str) -> list[str]:
    if part not in CYCLES:
        return [part]
    name = CYCLES[part][0]
    return [f"{name}_sin", f"{name}_cos"]


def _part(part: str, microseconds: Microseconds, origin: int) -> npt.NDArray[np.float64]:
    """One part of a column, [N, 1], or [N, 2] for a cycle."""
    is_missing = microseconds == MISSING
    present = np.where(is_missing, 0, microseconds)
    if part == ELAPSED:
        values = ((present - origin).astype(np.float64) / DAY)[:, np.newaxis]
    elif part in CYCLES:
        name, least, _ = CYCLES[part]
        values = waves(part)[PARTS[name](present) - least]
    else:
        values = PARTS[part](present).astype(np.float64)[:, np.newaxis]
    values[is_missing] = np.nan
    return np.asarray(values, dtype=np.float64)


def _refuse_other_shape(X: Any) -> None:
    if np.ndim(X) != 2:
        raise ValueError("DateParts takes columns, as frame[['when']] has them, and got something of another shape")


def _read(X: Any, names: Sequence[str], expected: Sequence[TimeZone | None] | None) -> tuple[Microseconds, list[Any]]:
    """The microseconds since 1970 [N, columns], and the time zone of each column, None where it has no date."""
    columns = [X.iloc[:, place] if hasattr(X, "iloc") else np.asarray(X)[:, place] for place in range(len(names))]
    read = [_column(column, name) for column, name in zip(columns, names, strict=True)]
    zones = [zone for _, zone in read]
    for name, zone, wanted in zip(names, zones, expected or zones, strict=True):
        if zone and wanted and zone != wanted:
            raise ValueError(f"{name}: times have {_zone(zone)}, and those it was fitted on have {_zone(wanted)}")
    return np.column_stack([microseconds for microseconds, _ in read]), zones


def _zone(zone: TimeZone) -> str:
    return "an offset" if zone == "UTC" else "no time zone"


def _column(column: Any, name: str) -> tuple[Microseconds, TimeZone | None]:
    zone = getattr(column.dtype, "tz", None)
    if zone is not None:
        if str(zone) not in ("UTC", "Etc/UTC", "GMT", "UTC+00:00"):
            raise ValueError(
                f"{name} has the time zone {zone}: bring it to UTC (frame[{name!r}].dt.tz_convert('UTC')), or keep its "
                f"local times without time zone (frame[{name!r}].dt.tz_localize(None))"
            )
        return _within(column.dt.tz_localize(None).to_numpy(), name), "UTC"
    if column.dtype.kind == "M":
        return _within(np.asarray(column), name), "none"
    if getattr(column.dtype, "kind", "O") in "iufbcm":
        raise ValueError(f"{name} holds numbers, and no dates: read it with pandas.to_datetime")
    return _objects(column, name)


def _within(moments: Any, name: str) -> Microseconds:
    microseconds = moments.astype("datetime64[us]").astype(np.int64)
    strange = (microseconds != MISSING) & ((microseconds < FIRST) | (microseconds > LAST))
    if strange.any():
        raise ValueError(f"{name} has dates that are not in the years 1 to 9999")
    return np.asarray(microseconds)


def _objects(column: Any, name: str) -> tuple[Microseconds, TimeZone | None]:
    values = [None if _is_missing(value) else value for value in column]
    zones = {_zone_of(value, name) for value in values if value is not None}
    if len(zones) > 1:
        raise ValueError(f"{name}: some times have an offset, and others have none")
    zone = next(iter(zones), None)
    moments = [None if value is None else _moment(value, zone or "none", name) for value in values]
    return np.array(moments, dtype="datetime64[us]").view(np.int64), zone


def _is_missing(value: Any) -> bool:
    # NaN and NaT differ from themselves, and pandas.NA is neither true nor false
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def _zone_of(value: Any, name: str) -> TimeZone:
    zone = time_zone_of(value) if isinstance(value, str) else "none"
    if getattr(value, "tzinfo", None) is not None:
        return "UTC"
    if zone is None or not isinstance(value, str | date):
        raise ValueError(f"{name} holds {value!r}, which is no date in ISO 8601: read it with pandas.to_datetime")
    return zone


def _moment(value: Any, zone: TimeZone, name: str) -> datetime:
    text = value if isinstance(value, str) else _text(value)
    try:
        return read_datetime(text, zone)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _text(value: date) -> str:
    # a Timestamp of pandas would write its nanoseconds
    return datetime.isoformat(value) if isinstance(value, datetime) else value.isoformat()
