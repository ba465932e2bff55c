"""Types of columns, inferred from their cells."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_export.draft.columns import column_of, is_id_name

WORDS = [f"word{number} of many" for number in range(30)]


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", " 2 ", "-3"], "integer", (1, 2, -3)),
        (["1", "2.5", "1e3"], "number", (1.0, 2.5, 1000.0)),
        (["1.0", "2.0"], "number", (1.0, 2.0)),
        (["1", "", "NA", "NULL", "n/a", None], "integer", (1, None, None, None, None, None)),
        (["1", "two"], "string", ("1", "two")),
        (["1_000", "2"], "string", ("1_000", "2")),
        (["inf", "1"], "string", ("inf", "1")),
        (["00123", "04711"], "string", ("00123", "04711")),
        (["0", "0.5"], "number", (0.0, 0.5)),
        (["9007199254740993", "1"], "string", ("9007199254740993", "1")),
        ([1, 2.0, None], "integer", (1, 2, None)),
        ([1, 2.5, float("nan")], "number", (1.0, 2.5, None)),
        (["True", "false", "TRUE"], "boolean", (True, False, True)),
        ([True, False, None], "boolean", (True, False, None)),
        ([True, 2], "string", ("True", "2")),
        (["", ""], "number", (None, None)),
    ],
)
def test_the_type_is_the_narrowest_that_holds_all_cells(cells: list[Any], kind: str, values: tuple[Any, ...]) -> None:
    column = column_of("x", cells)
    assert (column.type, column.values) == (kind, values)


def test_what_is_wanted_overrules_what_cells_look_like() -> None:
    assert column_of("x", ["1", "2"], "string").values == ("1", "2")
    assert column_of("x", ["007", "1"], "number").values == (7, 1)


@pytest.mark.parametrize("cell", [[1], {"a": 1}])
def test_cells_that_are_no_values_are_refused(cell: Any) -> None:
    with pytest.raises(ValueError, match="a value is a text or a number"):
        column_of("x", ["a", cell])


def test_levels_are_counted_in_order() -> None:
    column = column_of("x", ["b", "a", "b", ""])
    assert (column.levels, column.present, column.holes) == ({"a": 1, "b": 2}, 3, 1)


@pytest.mark.parametrize(
    ("name", "cells", "is_id"),
    [
        ("customer", [f"c{number}" for number in range(30)], True),
        ("customer_id", [str(number) for number in range(30)], True),
        ("PassengerId", list(range(30)), True),
        ("", list(range(30)), True),
        ("income", [str(1000 + number) for number in range(30)], False),
        ("paid", list(range(30)), False),
        ("customer_id", [f"{number}.5" for number in range(30)], False),
        ("page", [f"https://example.com/{'x' * 60}/{number}" for number in range(30)], True),
        ("hash", ["x" * 60 + f"{number:09d}" for number in range(30)], False),
        ("customer_id", [*range(29), 0], False),
        ("customer_id", [*range(29), None], False),
        ("review", WORDS, False),
        ("customer_id", list(range(5)), False),
    ],
)
def test_an_id_is_distinct_and_a_code_or_called_so(name: str, cells: list[Any], is_id: bool) -> None:
    assert column_of(name, cells).is_id is is_id


@pytest.mark.parametrize("name", ["id", "ID", "user_id", "order-key", "customerID", "Unnamed: 0", "row_number", "uuid"])
def test_names_of_ids(name: str) -> None:
    assert is_id_name(name)
    assert not is_id_name("valid")


def test_a_column_knows_its_nature() -> None:
    assert column_of("x", ["a"] * 5).is_constant
    assert column_of("x", ["", ""]).is_constant
    assert not column_of("x", ["a", ""]).is_constant
    assert column_of("x", ["31/01/2024", "2024-02-30 10:00"]).is_date
    assert not column_of("x", ["2024-01-31", "soon"]).is_date
    assert column_of("x", WORDS).is_long_text
    assert not column_of("x", [f"Brand{number}" for number in range(30)]).is_long_text
    assert column_of("x", [f"Brand{number}" for number in range(30)]).is_free_text
    assert not column_of("x", ["a", "b"] * 30).is_free_text


@pytest.mark.parametrize(
    ("cells", "values", "zone"),
    [
        (["2024-02-01 10:00", "", "2024-01-31"], ("2024-02-01T10:00:00", None, "2024-01-31"), "none"),
        (
            ["2024-02-01T10:00:00.5+02:00", "2024-01-31 00:00Z"],
            ("2024-02-01T08:00:00.500000Z", "2024-01-31T00:00:00Z"),
            "UTC",
        ),
    ],
)
def test_dates_and_times_of_one_time_zone_are_datetimes(cells: list[Any], values: tuple[Any, ...], zone: str) -> None:
    column = column_of("x", cells)
    assert (column.type, column.values, column.time_zone) == ("datetime", values, zone)
    assert column.ends == (min(filter(None, values)), max(filter(None, values)))
    assert (column.is_id, column.is_free_text, column.is_date) == (False, False, False)


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-02-01", "2024-02-30"],
        ["2024-02-01", "2024-02-01T10:00Z"],
        ["2024-02-01", 5],
        ["20240201", "20240202"],
        ["2024", "2025"],
        ["10:30", "11:30"],
        [],
    ],
)
def test_other_columns_are_no_datetimes(cells: list[Any]) -> None:
    assert column_of("x", cells).type != "datetime"


def test_dates_that_differ_in_every_row_are_no_id() -> None:
    days = [f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(60)]
    assert not column_of("day", days).is_id


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["2024-01-01", "soon"], "holds 'soon', which is no date and time as in ISO 8601"),
        (["2024-01-01", 5], "holds 5, which is no date and time as in ISO 8601"),
        (
            ["01/02/2024"],
            "holds '01/02/2024', which may be day-month-year or month-day-year: write them as in ISO 8601",
        ),
        (["2024-01-01", "2024-01-01T00:00Z"], "holds times of which some have an offset, and others none"),
    ],
)
def test_a_column_that_a_pipeline_reads_as_dates_holds_nothing_else(cells: list[Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        column_of("x", cells, "datetime")
    assert column_of("x", ["2024-01-01"], "string").type == "string"


def test_levels_that_differ_only_in_case_make_free_text() -> None:
    """A file with such categories would be refused."""
    assert column_of("x", ["Male", "male", "Female"] * 20).is_free_text
    assert not column_of("x", ["A", "A-", "B"] * 20).is_free_text


def test_a_few_texts_among_numbers_are_noted() -> None:
    column = column_of("x", [*map(str, range(50)), "?"])
    assert column.type == "string"
    assert "text because of '?'" in column.note
    assert column_of("x", ["a", "b", "1"] * 10).note == ""


@given(st.lists(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.booleans())))
def test_any_cells_are_read(cells: list[Any]) -> None:
    column = column_of("x", cells)
    kinds = {"string": str, "integer": int, "number": float, "boolean": bool}
    assert all(value is None or isinstance(value, kinds[column.type]) for value in column.values)
    assert len(column.values) == len(cells)
    assert sum(column.levels.values()) + column.holes == len(cells)
