"""Rows of CSV in chunks: divided at once where no row needs care, and as the csv module divides them everywhere."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.batches.csv_rows import CellRows, cell_rows
from tests.generated import examples


def read(text: str, width: int = 2, chunk_rows: int = 3) -> list[CellRows]:
    return list(cell_rows(text, 2, width, chunk_rows))


def rows_of(chunks: list[CellRows]) -> list[tuple[int, tuple[str, ...]]]:
    return [
        (line, cells)
        for chunk in chunks
        for line, cells in zip(chunk.lines, zip(*chunk.columns, strict=True), strict=True)
    ]


@examples(300)
@given(
    st.lists(st.lists(st.text(st.sampled_from('a1 é,"\u2028\x0b'), max_size=3), max_size=4), max_size=9),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_rows_are_those_of_the_csv_module(
    rows: list[list[str]], line_break: str, has_last: bool, width: int, chunk_rows: int
) -> None:
    made = io.StringIO()
    csv.writer(made, lineterminator=line_break).writerows(rows)
    text = made.getvalue() if has_last else made.getvalue().removesuffix(line_break)
    chunks = read(text, width, chunk_rows)
    wanted = list(enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 2))
    fitting = [(line, row) for line, row in wanted if len(row) >= width and not any(row[width:]) and any(row)]
    assert rows_of(chunks) == [(line, tuple(row[:width])) for line, row in fitting]
    others = [line for line, row in wanted if any(row) and (line, row) not in fitting]
    assert [fault.loc for chunk in chunks for fault in chunk.faults] == [(line,) for line in others]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("\n", []),
        ("a,b", [(2, ("a", "b"))]),
        ("a,b\n\nc,d\n", [(2, ("a", "b")), (4, ("c", "d"))]),
        ("a,b,\nc,d,,\n", [(2, ("a", "b")), (3, ("c", "d"))]),
        ("a,b\r\r\nc,d\r", [(2, ("a", "b")), (3, ("c", "d"))]),
        ('a,b\n"c\nd",e\nf,5" x\n', [(2, ("a", "b")), (3, ("c\nd", "e")), (4, ("f", '5" x'))]),
        (",\n,b\n", [(3, ("", "b"))]),
    ],
)
def test_empty_rows_count_as_lines_and_quoted_line_breaks_do_not(
    text: str, rows: list[tuple[int, tuple[str, ...]]]
) -> None:
    assert rows_of(read(text)) == rows


def test_a_column_alone_has_no_separator() -> None:
    assert rows_of(read("a\n\nb\n", 1)) == [(2, ("a",)), (4, ("b",))]


def test_a_row_that_is_no_csv_is_a_fault_and_the_next_one_is_read() -> None:
    (chunk,) = read('"a"x,b\nc,d\n')
    assert [(fault.loc, fault.type) for fault in chunk.faults] == [((2,), "csv_invalid")]
    assert rows_of([chunk]) == [(3, ("c", "d"))]


def test_a_long_cell_is_read_in_a_process_that_does_nothing_else() -> None:
    """The limit of csv is one of the process, and those of a pool load what reads rows alone."""
    code = (
        "from functions.batches.csv_rows import cell_rows\n"
        "long = 'x' * 200_000\n"
        "for text in (f'a,\"{long}\"\\n', f'a,{long}\\nb\\n'):\n"
        "    (found,) = cell_rows(text, 2, 2, 9)\n"
        "    assert found.columns[1][0] == long, found.faults\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
