"""Separators, quotes and rows that are longer or shorter than the header."""

from __future__ import annotations

import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from model_export.training_files import delimited
from model_export.training_files.delimited import read_delimited, separator_of
from model_export.training_files.sheet import Sheet


def fault_of(text: str) -> Fault:
    with pytest.raises(InvalidInputError) as caught:
        read_delimited(text)
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize(
    ("separator", "notes"),
    [
        (",", ()),
        (";", ("cells are separated by semicolons",)),
        ("\t", ("cells are separated by tabs",)),
        ("|", ("cells are separated by bars",)),
    ],
)
@pytest.mark.parametrize("declared", [False, True])
def test_the_header_shows_the_separator(separator: str, notes: tuple[str, ...], declared: bool) -> None:
    text = f"{f'sep={separator}' if declared else ''}\r\na{separator}b\r\n1{separator}2\r\n"
    sheet = read_delimited(text.lstrip() if not declared else text)
    assert (sheet.header, sheet.columns, sheet.separator) == (("a", "b"), (["1"], ["2"]), separator)
    assert sheet.notes == notes


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("one\n1\n", ","),
        ("text;label\n1,5, or so, well;x\n", ";"),
        ("price, in euros, or not;year\n5;2000\n", ";"),
        ("price;taxed, or not, in full\n5;2000\n", ";"),
        ("text,label\na;b;c,x\n", ","),
        ('"a;b;c",d\n1,2\n', ","),
        ('"a,b,c"|d\n1|2\n', "|"),
        ("a;b\n", ";"),
        ("a;b\n1;2;3\n", ";"),
        ('a\tb\n"1\n2"\t3\n', "\t"),
    ],
)
def test_what_divides_header_and_first_row_alike_is_the_separator(text: str, separator: str) -> None:
    assert separator_of(text) == separator


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('sep=;\na;b\n1;2\n3;"4\n', 4),
        ('a,b\n1,2\n3,"4\n5,6\n', 3),
        ('a,b\n"1\n2",3\n4,"5"6\n', 4),
        ('"a,b\n1,2\n', 1),
        ('a,b\n\n1,"2', 3),
    ],
)
def test_a_broken_quote_is_reported_with_the_line_of_its_row(text: str, line: int) -> None:
    fault = fault_of(text)
    assert (fault.loc, fault.type) == (("file",), "csv_invalid")
    assert f"from line {line} on" in fault.msg


def test_ragged_rows_are_set_aside_and_the_others_keep_their_numbers() -> None:
    sheet = read_delimited("a,b\n1,2\n3\n4,5\n6,7,8\n\n9,0\n")
    assert sheet.columns == (["1", "4", "9"], ["2", "5", "0"])
    assert sheet.faults == (
        Fault((1,), "1 cells where the header has 2", "csv_row_length"),
        Fault((3,), "3 cells where the header has 2", "csv_row_length"),
    )
    assert [sheet.in_file(Fault((row, "a"), "", "")).loc[0] for row in range(3)] == [0, 2, 4]


def test_empty_cells_beyond_the_header_are_dropped() -> None:
    sheet = read_delimited("a,b\n1,2,\n3,4\n5,6,,\n")
    assert sheet.columns == (["1", "3", "5"], ["2", "4", "6"])
    assert (sheet.faults, sheet.row_numbers) == ((), None)
    assert sheet.notes == ("2 rows end in empty cells beyond the header, which were dropped",)


def test_empty_rows_of_a_spreadsheet_are_left_out() -> None:
    sheet = read_delimited("a;b\n1;2\n;\n;\n\n3;\n")
    assert sheet.columns == (["1", "3"], ["2", ""])
    assert sheet.notes[-1] == "2 rows without any value were left out"


def test_line_ends_alone_are_an_empty_file() -> None:
    assert fault_of("sep=;\n") == Fault(("file",), "the file is empty", "too_short")


def test_a_header_alone_has_columns_without_cells() -> None:
    assert read_delimited("a,b\n").columns == ([], [])


def test_the_header_is_looked_at_before_any_cell_is_read() -> None:
    seen: list[Sheet] = []

    def refuse(header: Sheet) -> None:
        seen.append(header)
        raise InvalidInputError([Fault(("file",), "another header", "missing")])

    text = "a;b\n" + "1;2\n" * 250_000 + 'an open "quote'
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInputError, match="another header"):
            read_delimited(text, refuse)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert [(sheet.header, sheet.columns, sheet.separator) for sheet in seen] == [(("a", "b"), ([], []), ";")]


@pytest.mark.parametrize("row", ["1,2\n", ",\n", "1\n"])
def test_cells_beyond_the_most_are_refused_while_they_are_read(monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    monkeypatch.setattr(delimited, "most_training_cells", lambda memory_bytes: 100)
    monkeypatch.setattr(delimited, "BATCH_ROWS", 10)
    assert read_delimited("a,b\n" + row * (98 // row.count(",") // 2 if "," in row else 98)).header == ("a", "b")
    fault = fault_of("a,b\n" + row * 101 + '"never closed')
    assert (fault.loc, fault.type) == (("file",), "too_many_cells")


def test_rows_are_kept_as_columns_which_take_less_than_ten_times_the_file() -> None:
    text = "a,b\n" + "1,2\n" * 250_000
    tracemalloc.start()
    try:
        sheet = read_delimited(text)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(text)
    finally:
        tracemalloc.stop()
    assert sheet.columns == (["1"] * 250_000, ["2"] * 250_000)


CELLS = st.sampled_from(["", "", " ", "a", "b", "x y", '"', "1,5", "line\nend", "line\rend", "\u2028", "ñ", "\x1c"])
TABLES = st.lists(st.lists(CELLS, min_size=0, max_size=4), max_size=12)


@given(TABLES, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([1, 2, 50_000]), st.sampled_from([1, 2, 500]))
def test_columns_are_those_of_the_rows(rows: list[list[str]], end: str, most_shared: int, batch: int) -> None:
    written = io.StringIO()
    # a writer quotes the characters of its own line end alone
    quoting = csv.QUOTE_MINIMAL if end == "\r\n" else csv.QUOTE_ALL
    csv.writer(written, lineterminator=end, quoting=quoting).writerows([["a", "b"], *rows])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delimited, "MOST_SHARED", most_shared)
        patched.setattr(delimited, "BATCH_ROWS", batch)
        patched.setattr(delimited, "separator_of", lambda text: ",")
        sheet = read_delimited(written.getvalue())
    full = [row for row in rows if any(row)]
    trimmed = [row[:2] if not any(row[2:]) else row for row in full]
    fitting = [row for row in trimmed if len(row) == 2]
    assert [list(row) for row in zip(*sheet.columns, strict=True)] == fitting
    assert [fault.loc[0] for fault in sheet.faults] == [place for place, row in enumerate(trimmed) if len(row) != 2]


def test_equal_cells_are_one_text_until_a_column_has_too_many_different_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BATCH_ROWS", 10)
    monkeypatch.setattr(delimited, "MOST_SHARED", 50)
    sheet = read_delimited("kind,id\n" + "".join(f"{('red', 'blue')[row % 2]},{row % 100:03d}\n" for row in range(300)))
    kinds, ids = sheet.columns
    assert len(set(map(id, kinds))) == 2
    assert len(set(map(id, ids))) > 200
    assert ids == [f"{row % 100:03d}" for row in range(300)]


def test_reading_ends_after_as_many_ragged_rows_as_an_answer_lists() -> None:
    sheet = read_delimited("a,b\n" + "1,2,3\n" * 30_000 + "1,2\n" * 30_000)
    (fault,) = sheet.faults
    # looks at the faults are 10,000 rows apart
    assert fault == Fault((0,), "3 cells where the header has 2; so in all 10000 rows", "csv_row_length")


def test_many_ragged_rows_among_more_whole_ones_are_listed_each() -> None:
    sheet = read_delimited("a,b\n" + "1,2\n" * 6000 + "1,2,3\n" * 4000)
    assert len(sheet.faults) == 4000 >= MAX_FAULTS
    assert sheet.faults[0].loc == (6000,)


@pytest.mark.parametrize("declared", ["", "sep=,\n", "\n\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("batch", [1, 2, 500])
def test_a_row_is_on_the_line_that_a_spreadsheet_shows(
    monkeypatch: pytest.MonkeyPatch, declared: str, end: str, batch: int
) -> None:
    monkeypatch.setattr(delimited, "BATCH_ROWS", batch)
    head = ["id,text", "1,a", "", '2,"b', "", 'c"', ",", "3", "4,d", '5,"e', 'f"', "6,g"]
    rows = ["id,text", "1,a", "", '2,"b', ",", "3", "4,d", '5,"e', "6,g"]
    # a spreadsheet shows empty lines, and does not show the one that declares the separator
    before = declared.count("\n") * (not declared.startswith("sep="))
    sheet = read_delimited(declared.replace("\n", end) + end.join(head) + end)
    assert sheet.columns[0] == ["1", "2", "4", "5", "6"]
    lines = [before + 1 + rows.index(row) for row in ("1,a", '2,"b', "4,d", '5,"e', "6,g")]
    assert [sheet.where(row) for row in range(5)] == [f"line {line}" for line in lines]
    (ragged,) = sheet.faults
    assert sheet.on_line(ragged).loc == ("line", before + 1 + rows.index("3"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_within_quotes_stay_as_they_are(end: str) -> None:
    sheet = read_delimited(f'a,b{end}"x{end}y",2{end}')
    assert sheet.columns == ([f"x{end}y"], ["2"])


@pytest.mark.parametrize("length", [3, 9_999, 10_000, 10_001])
def test_rows_of_several_batches_keep_their_numbers(length: int) -> None:
    sheet = read_delimited("a,b\n" + "1,2\n" * length + "3\n" + "4,5\n" * 2)
    assert [fault.loc for fault in sheet.faults] == [(length,)]
    assert sheet.row_numbers is not None
    assert list(sheet.row_numbers)[-2:] == [length + 1, length + 2]
    assert len(sheet.columns[0]) == length + 2
