"""Cells of plain CSV files: the values that they mean, and those that only the rules for training files read."""

from __future__ import annotations

from typing import Any

import pytest

from functions.batches.cells import MOST_KNOWN, CellReader, ReadCells
from functions.core.cell_values import Unreadable
from functions.core.definition import FileSettings
from functions.core.schema import Feature

NUMBER, WHOLE = Feature("n", "number"), Feature("n", "integer")
BIT, TRUTH = Feature("n", "integer", allowed=(0, 1)), Feature("n", "boolean")
LEVEL, WORDS = Feature("n", "string"), Feature("n", "string", categorical=False)
MOMENT = Feature("n", "datetime")
AS_WRITTEN = FileSettings()


def read_cells(feature: Feature, cells: list[str], files: FileSettings) -> ReadCells:
    """The cells as they are read at first, and as they are read by a reader that knows some."""
    reader = CellReader(feature, files)
    reader.read([cell for cell in cells if not isinstance(reader.read([cell]).values[0], Unreadable)])
    found = reader.read(cells)
    assert found == CellReader(feature, files).read(cells)
    return found


def values(feature: Feature, cells: list[str], files: FileSettings = AS_WRITTEN) -> list[Any]:
    """The values, and the kind of the fault of a cell that has none."""
    read = read_cells(feature, cells, files).values
    return [one.fault[1] if isinstance(one, Unreadable) else one for one in read]


@pytest.mark.parametrize(
    ("feature", "cells", "read"),
    [
        (
            NUMBER,
            ["1", " 2.50 ", "-.5", "+5.", "1e3", "70.000", "", "NA"],
            [1.0, 2.5, -0.5, 5.0, 1000.0, 70.0, None, None],
        ),
        (NUMBER, ["1_000", "inf", "x", "1e", "--5", "0x1"], ["number_parsing"] * 6),
        (NUMBER, ["1" * 400], [float("1" * 400)]),
        (WHOLE, ["1", "-2", "+3", "4.0", "1e2", "", "5.5"], [1, -2, 3, 4.0, 100.0, None, 5.5]),
        (WHOLE, ["70.000", "1,000", "9" * 5000], ["integer_parsing"] * 3),
        (BIT, ["0", "1", "True", "FALSE", "yes"], [0, 1, 1, 0, "integer_parsing"]),
        (TRUTH, ["0", "1.0", "True", "false", "no", "2"], [False, True, True, False, *["boolean_parsing"] * 2]),
        (LEVEL, [" a ", "=1", "#REF!", "-x", ""], ["a", "formula", "formula", "-x", None]),
        (WORDS, ["=1", "#REF!", "A B"], ["=1", "#REF!", "A B"]),
        (MOMENT, [" 2026-11-29 ", "29/11/2026", "null"], ["2026-11-29", "29/11/2026", None]),
    ],
)
def test_a_cell_means_the_same_wherever_it_is(feature: Feature, cells: list[str], read: list[Any]) -> None:
    assert values(feature, cells) == read
    for cell, value in zip(cells, read, strict=True):
        (alone,) = values(feature, [cell])
        assert (alone, type(alone)) == (value, type(value))


def test_cells_are_brought_to_the_model_as_the_settings_say() -> None:
    files = FileSettings(
        snake_case_values=True, fill={"n": 7}, missing=("", "-1", "?"), rename_values={"n": {"uno": "1", "x": "No Way"}}
    )
    assert values(NUMBER, ["-1", "?", "", "uno", "2"], files) == [7, 7, 7, 1.0, 2.0]
    assert values(LEVEL, ["Some Level", "x", "?"], files) == ["some_level", "no_way", 7]
    assert values(WORDS, ["Some Words"], files) == ["Some Words"]


@pytest.mark.parametrize(
    "cell",
    ["1,234", "1.234.567", "$5", "5 €", "70 000", "1'000", "5%", "?5", "70.000", "\u0664\u0662", "1.234,5", "- 5"],
)
def test_numbers_of_people_are_for_the_other_reader(cell: str) -> None:
    read = read_cells(WHOLE, ["1", cell], AS_WRITTEN)
    assert read.is_foreign
    assert isinstance(read.values[1], Unreadable)
    assert "as programs write it" in read.values[1].fault[0]


@pytest.mark.parametrize("cell", ["x", "five", "a1", "n/a", "1_000", "", "-", "=1+1", "5 cars"])
def test_what_is_no_number_is_for_no_reader(cell: str) -> None:
    assert not read_cells(WHOLE, ["1", cell], AS_WRITTEN).is_foreign
    assert not read_cells(LEVEL, ["1,000", cell], AS_WRITTEN).is_foreign


def test_a_renamed_number_of_people_is_for_the_other_reader_too() -> None:
    assert read_cells(NUMBER, ["much"], FileSettings(rename_values={"n": {"much": "1,000"}})).is_foreign


def test_a_reader_forgets_very_many_cells() -> None:
    reader = CellReader(LEVEL, AS_WRITTEN)
    cells = [f"level {number}" for number in range(MOST_KNOWN + 1)]
    for _ in range(2):
        assert reader.read(cells).values == cells
    assert reader.read(["=1"]).values != reader.read(["a"]).values == ["a"]


@pytest.mark.parametrize("feature", [NUMBER, WHOLE])
@pytest.mark.parametrize("odd", ["", " ", " 5 ", "-1", "NA", "1_0", "x", "7.0", "1e2", "+-1", "9" * 5000])
def test_numbers_that_seldom_repeat_are_read_as_others_are(feature: Feature, odd: str) -> None:
    many = [str(number) for number in range(300)]
    for files in (AS_WRITTEN, FileSettings(missing=("-1", "12"), fill={"n": 3}), FileSettings(missing=("", "-1"))):
        found = CellReader(feature, files).read([*many, odd])
        assert found.values == [CellReader(feature, files).read([cell]).values[0] for cell in [*many, odd]]
        assert [type(one) for one in found.values[:2]] == [float if feature is NUMBER else int] * 2
