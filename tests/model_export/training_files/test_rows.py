"""Training files of every form: the table read from them, the notes, and the faults with their places."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import Fault, InvalidInputError
from functions.core.json_text import parse_json
from functions.core.schema import Feature, Schema
from model_export.training_files.rows import ReadRows, read_sheet, whole_columns
from tests.model_export.training_files.small_table import SMALL, csv_of, faults_of, read, the_fault


class TestCsv:
    def test_a_byte_order_mark_is_no_part_of_the_first_name(self) -> None:
        assert read(b"\xef\xbb\xbfyear,price\n2000,1").table["year"] == [2000]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_any_line_end_will_do_and_blank_lines_are_skipped(self, end: str) -> None:
        assert read(end.join(["year,price", "2000,1", "", "2001,2", "", ""])).table["year"] == [2000, 2001]

    def test_quotes_hold_commas_newlines_and_quotes(self) -> None:
        definition = replace(SMALL, schema=Schema((Feature("text", "string", categorical=False),), SMALL.schema.target))
        rows = read('text,price\n"a, ""b""\nsecond line",1\nplain,2', definition)
        assert rows.table["text"] == ['a, "b"\nsecond line', "plain"]

    def test_an_unclosed_quote_is_refused(self) -> None:
        fault = the_fault('year,price\n2000,"1')
        assert (fault.loc, fault.type) == (("file",), "csv_invalid")

    def test_ragged_rows_are_refused_each(self) -> None:
        faults = faults_of("year,price\n2000,1\n2001\n2002,1,2\n2003,1")
        assert faults == [
            Fault(("line", 3), "1 cells where the header has 2", "csv_row_length"),
            Fault(("line", 4), "3 cells where the header has 2", "csv_row_length"),
        ]

    def test_a_header_alone_is_a_table_without_rows(self) -> None:
        assert read("year,price,fuel\n").table == {"fuel": [], "year": [], "weight": [], "price": []}

    def test_a_file_without_header_is_reported(self) -> None:
        fault = the_fault("2000,1,1\n2001,2,1")
        assert (fault.loc, fault.type) == (("file",), "no_header")
        assert "('2000', '1', '1')" in fault.msg
        assert fault.msg.endswith("the model reads fuel, year, weight, price")


@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.jsonl"])
@pytest.mark.parametrize("body", [b"", b" \n\r\n\t"])
def test_an_empty_file_is_refused(name: str, body: bytes) -> None:
    assert the_fault(body, name=name) == Fault(("file",), "the file is empty", "too_short")


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf", b"\xef\xbb\xbf\n\n"])
def test_a_byte_order_mark_alone_is_refused(body: bytes) -> None:
    assert the_fault(body) == Fault(("file",), "the file is empty", "too_short")


@pytest.mark.parametrize("name", ["rows.xlsx", "rows", "", "csv", ".gz", "rows.gz", "rows.csv.zip"])
def test_other_files_are_refused(name: str) -> None:
    fault = the_fault("year,price\n2000,1", name=name)
    assert (fault.loc, fault.type) == (("file",), "file_type")
    assert repr(name) in fault.msg
    assert ".jsonl" in fault.msg


def test_the_suffix_may_be_in_capitals() -> None:
    assert read("year,price\n2000,1", name="ROWS.CSV").table["year"] == [2000]


class TestJson:
    ROWS = ({"fuel": "Diesel", "year": 2000, "price": 1}, {"year": 2001.0, "weight": 2.5, "price": 2})

    @pytest.mark.parametrize(
        ("name", "body"),
        [
            ("rows.json", json.dumps(ROWS)),
            ("rows.json", json.dumps({"instances": ROWS})),
            ("rows.jsonl", "\n".join(map(json.dumps, ROWS))),
            ("rows.jsonl", "\r\n\n".join(map(json.dumps, ROWS)) + "\n\n"),
        ],
    )
    def test_every_form_gives_the_same_table(self, name: str, body: str) -> None:
        assert read(body, name=name) == ReadRows(
            {"fuel": ["Diesel", None], "year": [2000, 2001], "weight": [None, 2.5], "price": [1, 2]}
        )

    @pytest.mark.parametrize(
        ("name", "body", "kind"),
        [
            ("rows.json", "[{", "json_invalid"),
            ("rows.json", '[{"year": NaN}]', "json_invalid"),
            ("rows.json", '[{"year": 1e999}]', "json_invalid"),
            ("rows.json", "[" * 100_000, "json_invalid"),
            ("rows.json", "7", "instances_type"),
            ("rows.json", "{}", "instances_type"),
            ("rows.json", '{"instances": {}}', "instances_type"),
        ],
    )
    def test_what_holds_no_rows_is_refused(self, name: str, body: str, kind: str) -> None:
        fault = the_fault(body, name=name)
        assert (fault.loc, fault.type) == (("file",), kind)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
    def test_a_file_is_read_or_refused_as_the_body_of_a_request_is(self, encoding: str) -> None:
        text = '[{"year": 2000, "fuel": "Málaga", "price": 1}]'
        body = text.encode(encoding)
        if encoding == "latin-1":
            with pytest.raises(InvalidInputError, match="byte 0xE1 in line 1 is not UTF-8"):
                parse_json(body)
            assert "byte 0xE1 in line 1 is not UTF-8" in the_fault(body, name="rows.json").msg
            return
        assert whole_columns(read_sheet(body, "rows.json", 1000)) == {
            name: [value] for name, value in parse_json(body)[0].items()
        }

    def test_a_line_that_is_not_json_is_refused_under_its_row(self) -> None:
        fault = the_fault('{"year": 2000, "price": 1}\n\n{"year": ', name="rows.jsonl")
        assert (fault.loc, fault.type) == (("line", 3), "json_invalid")
        assert "at character" in fault.msg

    def test_rows_that_are_no_objects_are_refused_each(self) -> None:
        faults = faults_of('[1, {"year": 2000, "price": 1}, []]', name="rows.json")
        assert [(fault.loc, fault.type) for fault in faults] == [((0,), "dict_type"), ((2,), "dict_type")]

    @pytest.mark.parametrize(
        ("value", "kind"),
        [("2000", "integer_type"), (True, "integer_type"), ([2000], "integer_type"), ({}, "integer_type")],
    )
    def test_types_are_not_guessed(self, value: object, kind: str) -> None:
        rows = [{"year": 2000, "price": 1}, {"year": value, "price": 1}]
        fault = the_fault(json.dumps(rows), name="rows.json")
        assert (fault.loc, fault.type) == ((1, "year"), kind)

    def test_a_field_that_a_row_lacks_is_missing_there(self) -> None:
        fault = the_fault('[{"year": 2000, "price": 1}, {"price": 1}]', name="rows.json")
        assert (fault.loc, fault.type) == ((1, "year"), "integer_type")

    def test_words_for_missing_are_ordinary_strings(self) -> None:
        rows = read('[{"fuel": "NA", "year": 2000, "price": 1}]', name="rows.json")
        assert rows.table["fuel"] == ["NA"]

    def test_an_empty_array_has_no_columns(self) -> None:
        assert [fault.loc for fault in faults_of("[]", name="rows.json")] == [("file", "year"), ("file", "price")]


fuels = st.none() | st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=3)
records = st.fixed_dictionaries(
    {
        "fuel": fuels.filter(lambda one: one not in SMALL.files.missing),
        "year": st.integers(1950, 2**53),
        "weight": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "price": st.floats(allow_nan=False, allow_infinity=False),
    }
)


@given(st.lists(records, min_size=1, max_size=6, unique_by=lambda row: str(row["fuel"]).casefold()))
def test_csv_json_and_json_lines_hold_the_same_rows(rows: list[dict[str, Any]]) -> None:
    text = [{name: "" if cell is None else cell for name, cell in row.items()} for row in rows]
    expected = read(json.dumps(rows), name="rows.json").table
    assert read(csv_of(*text)).table == expected
    assert read("\n".join(map(json.dumps, rows)), name="rows.jsonl").table == expected


def cells(body: bytes, file_name: str) -> dict[str, list[Any]]:
    return whole_columns(read_sheet(body, file_name, 1000))


def test_columns_can_be_read_before_there_is_a_definition() -> None:
    assert cells(b"a,b\n1,\n", "rows.csv") == {"a": ["1"], "b": [""]}
    assert cells(b'[{"a":1},{"b":null}]', "rows.json") == {"a": [1, None], "b": [None, None]}
    packed = gzip.compress("a;b\n1;ñ\n".encode("cp1252"))
    assert cells(packed, "rows.csv.gz") == {"a": ["1"], "b": ["ñ"]}
    assert read_sheet(packed, "rows.csv.gz", 1000).notes == (
        "the file was unpacked with gzip",
        "the file is not UTF-8 and was read as Windows-1252, such as 'ñ'",
        "cells are separated by semicolons",
    )


@pytest.mark.parametrize("header", [b"a,,b,a,", b"a,,b, a ,"])
def test_columns_without_a_definition_need_one_name_each(header: bytes) -> None:
    with pytest.raises(InvalidInputError) as repeated:
        cells(header + b"\n1,2,3,4,5\n", "rows.csv")
    assert [(fault.loc, fault.type) for fault in repeated.value.faults] == [(("file", "a"), "repeated_column")]


def test_columns_without_a_definition_need_one_length() -> None:
    with pytest.raises(InvalidInputError) as ragged:
        cells(b"a,b\n1\n", "rows.csv")
    assert [(fault.loc, fault.type) for fault in ragged.value.faults] == [(("line", 2), "csv_row_length")]
