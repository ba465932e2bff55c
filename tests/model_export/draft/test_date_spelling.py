"""Dates of a table that has no definition yet: brought to ISO 8601 where they can be read in one way alone."""

from __future__ import annotations

from typing import Any

import pytest

from model_export.draft.date_spelling import in_iso
from model_export.draft.infer import Draft, infer

LEFT = ["no", "yes"] * 15


def draft(**table: list[Any]) -> Draft:
    return infer("model", {**table, "left": LEFT}, target="left")


def test_dates_that_have_one_reading_are_written_as_iso_8601() -> None:
    notes: list[str] = []
    cells = {"sold": [" 13/12/2024", "", None, "01/02/2024 9:05"], "other": ["13/12/2024"] * 4}
    found, orders = in_iso(cells, ["sold"], notes)
    assert found == {"sold": ["2024-12-13", "", None, "2024-02-01 09:05"], "other": ["13/12/2024"] * 4}
    assert orders == {"sold": "day-month-year"}
    assert notes == ["sold: its dates are day-month-year"]


@pytest.mark.parametrize(
    "cells", [["01/02/2024"] * 3, ["2024-12-13"] * 3, ["13/12/2024", "soon"], ["a"], [], ["", None], [1, 2.5]]
)
def test_other_columns_are_left_as_they_are(cells: list[Any]) -> None:
    notes: list[str] = []
    assert in_iso({"sold": cells}, ["sold"], notes) == ({"sold": cells}, {})
    assert notes == []


def test_the_order_goes_into_the_settings_of_the_files() -> None:
    found = draft(sold=["13/12/2024", "01/02/2024", "30/06/2023"] * 10, age=[str(row % 7) for row in range(30)])
    assert found.files.date_order == {"sold": "day-month-year"}
    assert {one.name: (one.type, one.time_zone) for one in found.schema.features}["sold"] == ("datetime", "none")
    assert found.columns["sold"].values[:2] == ("2024-12-13", "2024-02-01")
    assert "sold: its dates are day-month-year" in found.notes


@pytest.mark.parametrize(
    ("dates", "reason"),
    [
        (["01/02/2024", "03/04/2024"], "its dates may be day-month-year or month-day-year: write them as in ISO 8601"),
        (["2024-01-02", "0000-00-00"], "not all of its values are dates in ISO 8601: '0000-00-00'"),
        (["13/12/2024", "31/02/2024"], "not all of its values are dates in ISO 8601: '13/12/2024', '31/02/2024'"),
        (["2024-01-02 10:00", "2024-01-02 10:00Z"], "some of its times have an offset, and others have none"),
    ],
)
def test_dates_that_cannot_be_read_are_left_out_with_the_reason(dates: list[str], reason: str) -> None:
    found = draft(sold=dates * 15, age=[str(row % 7) for row in range(30)])
    assert list(found.schema.feature_names) == ["age"]
    assert any(note.startswith(f"sold is left out: {reason}") for note in found.notes)
