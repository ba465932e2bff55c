"""Columns of a file, and the place of a row in it."""

from __future__ import annotations

from functions.core.errors import Fault
from model_export.training_files.row_lines import RowLines
from model_export.training_files.sheet import Sheet

FAULT = Fault((1, "year"), "wrong", "int_parsing")


def test_a_fault_stays_in_its_row_if_every_row_is_in_the_columns() -> None:
    assert Sheet(("year",), (["1", "x"],), is_text=True).in_file(FAULT) is FAULT


def test_a_fault_gets_the_number_of_its_row_in_the_file() -> None:
    sheet = Sheet(("year",), (["1", "x"],), is_text=True, row_numbers=[0, 7])
    assert sheet.in_file(FAULT) == Fault((7, "year"), "wrong", "int_parsing")


def test_a_row_of_a_file_is_on_its_line() -> None:
    lines = RowLines()
    for row, line in enumerate((2, 3, 6, 7)):
        lines.add(row, line)
    sheet = Sheet(("year",), (["1", "x"],), is_text=True, row_numbers=[0, 3], lines=lines)
    assert sheet.where(1) == "line 7"
    assert sheet.on_line(sheet.in_file(FAULT)) == Fault(("line", 7, "year"), "wrong", "int_parsing")
    assert sheet.on_line(Fault((2,), "wrong", "csv_row_length")).loc == ("line", 6)


def test_a_row_of_a_json_array_keeps_its_index() -> None:
    sheet = Sheet(("year",), ([1, 2],), is_text=False, row_numbers=[0, 7])
    assert sheet.where(1) == "row 7"
    assert sheet.on_line(FAULT) is FAULT


def test_rows_are_counted_without_the_header() -> None:
    assert Sheet(("a", "b"), (["1", "2"], ["3", "4"]), is_text=True).rows == 2
    assert Sheet((), (), is_text=False).rows == 0
