"""Lists as tables."""

from __future__ import annotations

from typing import Any

from model_export.commands.tables import table


def test_each_key_is_a_column_as_wide_as_its_widest_cell() -> None:
    records: list[dict[str, Any]] = [
        {"version": 1, "in_production": False, "metrics": {"r2": 0.5, "rmse": None}, "scopes": ("a", "b")},
        {"version": 12, "in_production": True, "metrics": {"r2": 0.25, "rmse": 3.0}, "scopes": ()},
    ]
    assert table(records) == [
        "VERSION  IN PRODUCTION  METRICS                 SCOPES",
        "1        no             r2 0.5  rmse undefined  a, b",
        "12       yes            r2 0.25  rmse 3         -",
    ]


def test_what_no_record_has_makes_no_column_and_what_one_lacks_a_dash() -> None:
    assert table([{"a": 1, "b": None}, {"a": None, "c": "x"}]) == ["A  C", "1  -", "-  x"]


def test_a_cell_is_one_line() -> None:
    assert table([{"reason": "two\nlines\tand more"}]) == ["REASON", "two lines and more"]


def test_no_records_are_no_lines() -> None:
    assert table([]) == [""]
