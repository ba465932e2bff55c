"""Hostile rows differ from the first row in one column, at the places where conversions go wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tools.conversion.rows import hostile
from tools.conversion.tables import sample


def test_each_hostile_row_changes_one_column() -> None:
    training = sample("mixed with holes", "two").training
    rows = hostile(training)
    base = training.iloc[0]
    same = rows.eq(base) | (rows.isna() & base.isna())
    assert (same.sum(axis=1) >= len(base) - 1).all()
    assert {"ñandú", ""} <= set(rows["city"].dropna())
    assert rows["dose"].isna().any()
    value = training["dose"].dropna().iloc[1]
    assert {np.nextafter(value, np.inf), np.nextafter(value, -np.inf), float(np.float32(value))} <= set(rows["dose"])


def test_whole_numbers_and_flags_stay_what_they_are() -> None:
    assert hostile(sample("codes", "number").training)["k1"].map(type).eq(int).all()
    assert set(hostile(sample("flags", "two").training)["lift"]) == {True, False}


def test_dates_are_asked_for_at_the_turns_of_the_calendar() -> None:
    found = hostile(sample("dates with holes", "number").training)["built"]
    assert found.isna().any()
    assert {pd.Timestamp("0001-01-01"), pd.Timestamp("9999-12-31T23:59:59.999999")} <= set(found.dropna())
