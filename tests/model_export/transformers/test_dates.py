"""DateParts on all that pandas, numpy and lists have for dates: the parts of Python's calendar, or a refusal."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline

from model_export.transformers.dates import CYCLES, ELAPSED, PARTS, DateParts, waves

NOON = datetime(2024, 2, 29, 12, 30, 15, 500_000)
WHOLE = {
    "year": 2024,
    "quarter": 1,
    "month": 2,
    "day": 29,
    "day_of_year": 60,
    "weekday": 3,
    "hour": 12,
    "minute": 30,
    "second": 15,
}
LOCAL: Mapping[str, Any] = {
    "datetime64[us]": pd.DataFrame({"when": pd.Series([NOON, None], dtype="datetime64[us]")}),
    "datetime64[ns]": pd.DataFrame({"when": pd.Series([NOON, None], dtype="datetime64[ns]") + pd.Timedelta("1ns")}),
    "texts": pd.DataFrame({"when": ["2024-02-29T12:30:15.5", None]}),
    "texts as objects": pd.DataFrame({"when": pd.Series(["2024-02-29 12:30:15.5", np.nan], dtype=object)}),
    "datetimes": pd.DataFrame({"when": pd.Series([NOON, pd.NaT], dtype=object)}),
    "timestamps": pd.DataFrame({"when": pd.Series([pd.Timestamp(NOON), pd.NA], dtype=object)}),
    "an array": np.array([[NOON], [None]], dtype="datetime64[us]"),
    "an array of objects": np.array([[NOON], [None]], dtype=object),
    "lists": [[NOON], [None]],
}
IN_UTC: Mapping[str, Any] = {
    "datetime64[us, UTC]": pd.DataFrame({"when": pd.Series([NOON, None]).dt.tz_localize("UTC")}),
    "texts with Z": pd.DataFrame({"when": ["2024-02-29T12:30:15.5Z", None]}),
    "texts of another place": pd.DataFrame({"when": ["2024-02-29T14:30:15.5+02:00", None]}),
    "datetimes of another place": [[NOON.replace(tzinfo=timezone(timedelta(hours=-3))) - timedelta(hours=3)], [None]],
    "timestamps": np.array([[pd.Timestamp(NOON, tz="UTC")], [pd.NaT]], dtype=object),
}


@pytest.mark.parametrize("rows", [*LOCAL.values(), *IN_UTC.values()], ids=[*LOCAL.keys(), *IN_UTC.keys()])
def test_whatever_holds_dates_has_the_parts_of_the_calendar(rows: Any) -> None:
    found = DateParts(list(WHOLE)).fit_transform(rows)
    assert found.dtype == np.float64
    assert found[0].tolist() == list(WHOLE.values())
    assert np.isnan(found[1]).all()


@given(st.lists(st.datetimes(), min_size=1, max_size=20))
@example([datetime.min, datetime.max])
@example([datetime(1969, 12, 31, 23, 59, 59, 999_999), datetime(1970, 1, 1)])
@example([datetime(1900, 3, 1), datetime(2000, 2, 29), datetime(2100, 2, 28), datetime(2023, 12, 31)])
def test_parts_are_those_of_python_over_the_whole_calendar(moments: list[datetime]) -> None:
    found = DateParts(list(PARTS)).fit_transform(np.array([[moment] for moment in moments], dtype="datetime64[us]"))
    for row, moment in zip(found.tolist(), moments, strict=True):
        day = moment.timetuple()
        date_parts = [moment.year, (moment.month + 2) // 3, moment.month, moment.day, day.tm_yday, moment.weekday()]
        assert row == [*date_parts, moment.hour, moment.minute, moment.second]


@given(st.lists(st.datetimes(), min_size=1, max_size=20), st.none() | st.datetimes())
def test_elapsed_days_are_those_of_python(moments: list[datetime], since: datetime | None) -> None:
    step = DateParts([ELAPSED], since=since and since.isoformat())
    found = step.fit_transform(np.array([[moment] for moment in moments], dtype="datetime64[us]"))
    start = min(moments) if since is None else since
    assert found[:, 0].tolist() == [
        float((moment - start) // timedelta(microseconds=1)) / 86_400e6 for moment in moments
    ]


def test_days_count_from_the_earliest_training_row_of_each_column() -> None:
    train = pd.DataFrame({"a": ["2024-01-02", None, "2024-01-01"], "b": ["2020-01-01", "2020-01-03", None]})
    step = DateParts([ELAPSED]).fit(train)
    assert step.transform(pd.DataFrame({"a": ["2023-12-31T12:00"], "b": ["2020-01-02"]})).tolist() == [[-0.5, 1.0]]
    given_start = DateParts([ELAPSED], since="2023-12-31").fit(train)
    assert given_start.transform(train.head(1)).tolist() == [[2.0, -1460.0]]


def test_days_count_from_a_time_of_the_same_time_zone() -> None:
    utc = pd.DataFrame({"when": ["2024-01-01T01:00+01:00"]})
    for since in ("2023-12-31", "2023-12-31T00:00Z", "2023-12-31T03:00+03:00"):
        assert DateParts([ELAPSED], since=since).fit_transform(utc).tolist() == [[1.0]]
    local = pd.DataFrame({"when": ["2024-01-01"]})
    with pytest.raises(ValueError, match="since has an offset, and the times of when have no time zone"):
        DateParts([ELAPSED], since="2023-12-31T00:00Z").fit(local)
    with pytest.raises(ValueError, match="'31/12/2023' is no date and time in ISO 8601"):
        DateParts([ELAPSED], since="31/12/2023").fit(local)


def test_a_cycle_is_a_sine_and_a_cosine_of_its_part() -> None:
    rows = pd.DataFrame({"when": ["2024-01-01T00:00", "2024-12-30T18:00"]})
    found = DateParts(list(CYCLES)).fit_transform(rows)
    angles = [
        [0, 0, 0, 0],
        [2 * math.pi * 11 / 12, 2 * math.pi * 364 / 366, 0, 2 * math.pi * 18 / 24],
    ]
    expected = [[wave for angle in row for wave in (math.sin(angle), math.cos(angle))] for row in angles]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)
    for name, (_, _, count) in CYCLES.items():
        np.testing.assert_allclose((waves(name) ** 2).sum(axis=1), np.ones(count), rtol=1e-15)


def test_december_is_next_to_january_and_sunday_to_monday() -> None:
    rows = pd.DataFrame({"when": ["2023-12-31", "2024-01-01", "2024-07-03"]})
    parts = DateParts(["month_cycle", "weekday_cycle"]).fit_transform(rows)
    near, far = np.linalg.norm(parts[0] - parts[1]), np.linalg.norm(parts[1] - parts[2])
    assert near < far / 1.5


def test_columns_are_named_after_their_column_and_part() -> None:
    rows = pd.DataFrame({"sold": ["2024-01-01"], "built": ["2020-01-01"]})
    step = DateParts(["year", "hour_cycle"]).fit(rows)
    names = ["sold_year", "sold_hour_sin", "sold_hour_cos", "built_year", "built_hour_sin", "built_hour_cos"]
    assert step.get_feature_names_out().tolist() == names
    assert step.transform(rows).shape == (1, len(names))
    assert step.set_output(transform="pandas").transform(rows).columns.tolist() == names
    assert DateParts(["day"]).fit(rows.to_numpy()).get_feature_names_out().tolist() == ["x0_day", "x1_day"]


def test_it_is_a_transformer_of_scikit_learn() -> None:
    rows = pd.DataFrame({"when": ["2024-01-01", "2024-05-05"], "x": [1.0, 2.0]})
    copy = clone(DateParts(["year"], since="2000-01-01"))
    assert copy.get_params() == {"parts": ["year"], "since": "2000-01-01"}
    columns = make_column_transformer((make_pipeline(copy), ["when"]), remainder="passthrough").fit(rows)
    assert columns.transform(rows).tolist() == [[2024.0, 1.0], [2024.0, 2.0]]
    buffer = io.BytesIO()
    joblib.dump(columns, buffer)
    assert joblib.load(buffer).transform(rows).tolist() == columns.transform(rows).tolist()
    with pytest.raises(NotFittedError):
        DateParts().transform(rows[["when"]])
    with pytest.raises(ValueError, match="feature names should match those that were passed during fit"):
        copy.fit(rows[["when"]]).transform(rows[["when"]].rename(columns={"when": "then"}))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (pd.DataFrame({"when": [1.5, 2.0]}), "when holds numbers, and no dates"),
        (pd.DataFrame({"when": [20240101, 20240102]}), "when holds numbers, and no dates"),
        (pd.DataFrame({"when": ["13/12/2024"]}), "when holds '13/12/2024', which is no date in ISO 8601"),
        (pd.DataFrame({"when": ["2024-02-30"]}), "when: '2024-02-30' is no day of the calendar"),
        (pd.DataFrame({"when": ["2024-02-28", "2024-02-28T00:00Z"]}), "when: some times have an offset, and others"),
        (pd.DataFrame({"when": pd.Series([7, "2024-02-28"], dtype=object)}), "when holds 7, which is no date"),
        (np.array([["12024-01-01"]], dtype="datetime64[D]"), "x0 has dates that are not in the years 1 to 9999"),
        (pd.Series([NOON], name="when"), r"takes columns, as frame\[\['when'\]\] has them"),
        (
            pd.DataFrame({"when": pd.Series([NOON]).dt.tz_localize("Europe/Madrid")}),
            r"has the time zone Europe/Madrid: bring it to UTC .*tz_convert\('UTC'\)",
        ),
    ],
)
def test_what_is_no_date_is_refused(rows: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        DateParts(["year"]).fit(rows)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [(["years"], r"parts of a date are year, quarter.*hour_cycle, and not years"), ([], "and not none at all")],
)
def test_a_part_that_no_date_has_is_refused(parts: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        DateParts(parts).fit(pd.DataFrame({"when": ["2024-01-01"]}))


def test_a_column_without_any_date_has_no_days_to_count() -> None:
    rows = pd.DataFrame({"when": pd.Series([None, None], dtype="datetime64[us]")})
    with pytest.raises(ValueError, match="when has no date to count days from: pass since"):
        DateParts([ELAPSED]).fit(rows)
    assert np.isnan(DateParts([ELAPSED, "year"], since="2000-01-01").fit_transform(rows)).all()
    assert np.isnan(DateParts(["year"]).fit_transform(rows)).all()


def test_times_in_utc_and_without_time_zone_are_never_mixed() -> None:
    local, utc = LOCAL["datetime64[us]"], IN_UTC["datetime64[us, UTC]"]
    for fitted_on, other in ((local, utc), (utc, local)):
        with pytest.raises(ValueError, match=r"when: times have .*, and those it was fitted on have"):
            DateParts(["hour"]).fit(fitted_on).transform(other)


def test_dates_alone_are_midnights() -> None:
    rows = pd.DataFrame({"when": pd.Series([date(2024, 2, 29), datetime(2024, 2, 29, tzinfo=None)], dtype=object)})
    found = DateParts(["day", "hour"]).fit_transform(rows)
    assert found.tolist() == [[29.0, 0.0], [29.0, 0.0]]


def test_an_instant_is_the_same_wherever_it_was_written() -> None:
    instant = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)
    zones = [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))]
    rows = pd.DataFrame({"when": [instant.astimezone(zone).isoformat() for zone in zones]})
    assert DateParts(["day", "hour", "minute"]).fit_transform(rows).tolist() == [[29.0, 23.0, 30.0]] * len(zones)
