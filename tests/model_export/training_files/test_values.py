"""Text cells: values that are no category, and values that free text may have."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.cell_values import Unreadable
from functions.core.column_check import ColumnCheck
from functions.core.definition import FileSettings
from functions.core.schema import Feature
from model_export.training_files.sheet import Sheet
from model_export.training_files.values import ReadColumn, read_column

KIND = Feature("kind", "string")
TEXT = Feature("text", "string", categorical=False)


def read(feature: Feature, *cells: Any, files: FileSettings | None = None, is_text: bool = True) -> ReadColumn:
    return read_column(feature, cells, files or FileSettings(), Sheet((feature.name,), (list(cells),), is_text=is_text))


@pytest.mark.parametrize("cell", ["=1+1", '=HYPERLINK("http://x","y")', "= A1", "#REF!", "#¡DIV/0!", "#N/D"])
def test_a_formula_is_no_category_but_may_begin_a_text(cell: str) -> None:
    (value,) = read(KIND, cell).values
    assert isinstance(value, Unreadable)
    assert value.fault[1] == "formula"
    assert read(TEXT, cell).values == [cell]
    assert read(KIND, cell, is_text=False).values == [cell]  # JSON comes from programs


@pytest.mark.parametrize("cell", ["@SUM(A1)", "+cmd|' /C calc'!A0", "-5 years", "#1", "0123"])
def test_other_texts_are_texts(cell: str) -> None:
    assert read(KIND, cell).values == [cell]


FILES = FileSettings(
    snake_case_values=True,
    fill={"kind": "none", "number": -1, "flag": 0},
    rename_values={"kind": {"N": "North", "a b": "c"}, "flag": {"yes": "1"}},
)
FEATURES = (
    KIND,
    TEXT,
    Feature("number", "number"),
    Feature("whole", "integer", nullable=True),
    Feature("flag", "integer", allowed=(0, 1)),
    Feature("sure", "boolean"),
)
TEXTS = ("", " ", "NA", " NA ", "N", " N", "a b", "A B ", "=1", "yes", "true", "TRUE", "x", "ñ")
NUMBERS = ("0", "1", " 1", "1.0", "7", "07", "1_0", "3.25", "1e3", "nan", "inf", "70,5", "1,234.5")
CELLS = st.sampled_from([*TEXTS, *NUMBERS, None])


@given(st.sampled_from(FEATURES), st.lists(CELLS, max_size=8), st.sampled_from([FileSettings(), FILES]))
def test_a_column_has_the_values_of_its_distinct_texts(
    feature: Feature, cells: list[str | None], files: FileSettings
) -> None:
    """Each text once, stripped, without the missing ones and renamed; then a value for every cell."""
    found = read(feature, *cells, files=files)
    others = files.rename_values.get(feature.name, {})
    spelled = {cell: others.get(cell.strip(), cell.strip()) for cell in cells if cell is not None}
    present = {cell: text for cell, text in spelled.items() if cell.strip() not in files.missing}
    once = read(feature, *dict.fromkeys(present.values()), files=replace(files, rename_values={}))
    assert (found.note, found.doubt) == (once.note, once.doubt)
    if found.doubt is None:
        values = dict(zip(dict.fromkeys(present.values()), once.values, strict=True))
        fill = files.fill.get(feature.name)
        expected = [values[present[cell]] if cell in present else fill for cell in cells]
        assert list(map(repr, found.values)) == list(map(repr, expected))


def test_a_lost_currency_sign_is_left_out_where_nothing_is_negative() -> None:
    price = Feature("price", "number", minimum=0)
    assert read(price, "?5", "", "?6").values == [5.0, None, 6.0]
    assert read(price, "?5", "?6").note.startswith("price: '?' is read as a currency sign")
    (value,) = read(Feature("place", "number"), "?5").values
    assert isinstance(value, Unreadable)


def test_truth_is_read_among_numbers() -> None:
    flag = Feature("flag", "integer", allowed=(0, 1), nullable=True)
    assert read(flag, "TRUE", "0", " 1 ", "False", "").values == [1, 0, 1, 0, None]


def test_missing_cells_are_filled() -> None:
    files = FileSettings(fill={"price": 0})
    assert read(Feature("price", "number"), " ", "NA", "5", files=files).values == [0, 0, 5.0]
    assert read(Feature("price", "number"), None, 5, files=files, is_text=False).values == [0, 5]


RENAMED = FileSettings(
    rename_values={"zone": {"N": "north", "3": "3.0", "true": "yes"}, "sex": {"male": "0", "f": "1"}}
)


@pytest.mark.parametrize(
    ("feature", "cells", "expected"),
    [
        (Feature("zone", "string"), [" N ", "north", "3", None], ["north", "north", "3.0", None]),
        (Feature("sex", "integer"), ["male", "f", "1"], [0, 1, 1]),
    ],
)
def test_values_are_renamed_as_model_toml_says(feature: Feature, cells: list[Any], expected: list[Any]) -> None:
    text = Sheet((feature.name,), (cells,), is_text=True)
    assert read_column(feature, cells, RENAMED, text).values == expected


def test_values_of_json_are_renamed_by_their_spelling() -> None:
    sheet = Sheet(("zone",), ([],), is_text=False)
    read = [read_column(Feature("zone", "string"), ["N", 3, 3.0, True, "x"], RENAMED, sheet).values]
    assert read == [["north", "3.0", "3.0", "yes", "x"]]
    assert read_column(Feature("sex", "integer"), ["male", 1, None], RENAMED, sheet).values == [0, 1, None]


def test_true_and_false_are_read_in_any_case_and_as_0_and_1() -> None:
    paid = Feature("paid", "boolean", nullable=True)
    assert read(paid, "True", "false", "TRUE", "0", "1.0", "", None).values == [
        True,
        False,
        True,
        False,
        True,
        None,
        None,
    ]
    assert read(paid, True, False, "true", "False", None, is_text=False).values == [True, False, True, False, None]
    (value,) = read(paid, "yes").values
    assert isinstance(value, Unreadable)
    assert value.fault == ("'yes' is neither true nor false", "boolean_parsing")


WHEN = Feature("when", "datetime", nullable=True)


def test_dates_are_read_from_text_and_json_alike() -> None:
    files = FileSettings(date_order={"when": "day-month-year"}, missing=("", "-"))
    expected = [datetime(2024, 12, 13), datetime(2024, 12, 13), datetime(2024, 2, 1, 9, 5), None]
    cells = [" 13/12/2024", "2024-12-13", "1/2/2024 9:05", None]
    assert read(WHEN, *cells, "-", files=files).values == [*expected, None]
    assert read(WHEN, *cells, files=files, is_text=False).values == expected


def test_dates_are_filled_and_renamed_before_they_are_read() -> None:
    files = FileSettings(rename_values={"when": {"unknown": "1970-01-01"}}, fill={"when": "2000-01-01"})
    for is_text in (True, False):
        found = read(WHEN, "unknown", None, files=files, is_text=is_text).values
        assert ColumnCheck(WHEN).passes(found)
        assert found == [datetime(1970, 1, 1), datetime(2000, 1, 1)]


def test_a_bad_date_of_json_says_what_would_help() -> None:
    (found,) = read(WHEN, "13/12/2024", is_text=False).values
    assert 'date_order = { "when" = "day-month-year" }' in found.fault[0]
    assert read(WHEN, "", 5, is_text=False).values == ["", 5]


def test_a_class_may_be_spelled_as_its_label() -> None:
    assert read(Feature("y", "number", allowed=(0.0, 1.0)), "0.0", 1.0, 0, is_text=False).values == [0.0, 1.0, 0]
    assert read(Feature("y", "integer", allowed=(1, 2)), "1", 2, is_text=False).values == [1, 2]
