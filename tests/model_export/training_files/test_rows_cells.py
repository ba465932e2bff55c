"""The cells of training files: numbers, missing values, joined and respelled texts; faults with their places."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from functions.core.definition import FileSettings
from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.schema import Feature, Schema
from model_export.training_files.rows import ReadRows, read_rows
from tests.model_export.training_files.small_table import SMALL, csv_of, faults_of, read, the_fault


class TestSpelling:
    DEFINITION = replace(
        SMALL,
        files=FileSettings(snake_case_values=True),
        schema=Schema(
            (Feature("kind", "string"), Feature("text", "string", categorical=False)), Feature("label", "string")
        ),
    )

    @pytest.mark.parametrize("name", ["rows.csv", "rows.json"])
    def test_values_are_respelled_but_free_text_is_kept(self, name: str) -> None:
        row = {"kind": "Two Words", "text": "Free Text", "label": "Very Good"}
        body = csv_of(row) if name.endswith("csv") else json.dumps([row])
        assert read(body, self.DEFINITION, name=name).table == {
            "kind": ["two_words"],
            "text": ["Free Text"],
            "label": ["very_good"],
        }


class TestCells:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [("2014", 2014), ("2014.0", 2014), (" 2014 ", 2014), ("+2014", 2014), ("2.014e3", 2014), ("02014", 2014)],
    )
    def test_integers_in_any_spelling_are_integers(self, cell: str, expected: int) -> None:
        (value,) = read(f"year,price\n{cell},1").table["year"]
        assert (value, type(value)) == (expected, int)

    @pytest.mark.parametrize("cell", ["5", "5.0", "5e0", " 5"])
    def test_numbers_in_any_spelling_are_floats(self, cell: str) -> None:
        (value,) = read(f"year,price\n2000,{cell}").table["price"]
        assert (value, type(value)) == (5.0, float)

    @pytest.mark.parametrize("cell", ["abc", "1;5", "23.4 kmpl", "1_000", "--1", "9" * 5000, "2x", "?5", "5 %"])
    def test_what_is_no_number_is_refused_in_its_place(self, cell: str) -> None:
        fault = the_fault(f"year,price\n2000,1\n{cell},1")
        assert (fault.loc, fault.type) == (("line", 3, "year"), "integer_parsing")
        assert fault.msg == f"{cell[:60]!r} is not a number"

    def test_every_such_cell_is_named(self) -> None:
        faults = faults_of("year,price\nx,1\n2000,y\nx,1")
        assert {(fault.loc, fault.type) for fault in faults} == {
            (("line", 2, "year"), "integer_parsing"),
            (("line", 4, "year"), "integer_parsing"),
            (("line", 3, "price"), "number_parsing"),
        }

    @pytest.mark.parametrize("cell", ["1e999", "-1e999", "inf", "-Infinity", "NAN", "-nan"])
    def test_numbers_are_finite(self, cell: str) -> None:
        fault = the_fault(f"year,price\n2000,{cell}")
        assert (fault.loc, fault.type) == (("line", 2, "price"), "finite_number")
        fault = the_fault(f"year,price\n{cell},1")
        assert (fault.loc, fault.type) == (("line", 2, "year"), "int_from_float")

    @pytest.mark.parametrize(("cell", "kind"), [("1949", "greater_than_equal"), ("2000.5", "int_from_float")])
    def test_the_rules_of_the_schema_hold(self, cell: str, kind: str) -> None:
        fault = the_fault(f"year,price\n2000,1\n{cell},1")
        assert (fault.loc, fault.type) == (("line", 3, "year"), kind)

    @pytest.mark.parametrize("cell", ["", "NA", "N/A", "NaN", "nan", "null", "None", "  "])
    def test_missing_cells_are_missing(self, cell: str) -> None:
        table = read(f"fuel,year,weight,price\n{cell},2000,{cell},1").table
        assert (table["fuel"], table["weight"]) == ([None], [None])
        assert {fault.loc for fault in faults_of(f"fuel,year,weight,price\na,{cell},1,{cell}")} == {
            ("line", 2, "year"),
            ("line", 2, "price"),
        }

    def test_the_definition_says_what_missing_looks_like(self) -> None:
        definition = replace(SMALL, files=FileSettings(missing=("-",)))
        assert read("fuel,year,price\n-,2000,1\nNA,2000,1", definition).table["fuel"] == [None, "NA"]

    def test_a_thousand_faults_are_reported(self) -> None:
        assert len(faults_of("year,price\n" + "x,1\n2000,1\n" * (MAX_FAULTS + 1))) == MAX_FAULTS

    def test_a_column_that_is_wrong_in_most_rows_is_one_fault_with_an_example(self) -> None:
        fault = the_fault("year,price\n" + "2000,1\n" + "grande,1\n" * 799)
        assert fault == Fault(("line", 3, "year"), "'grande' is not a number; so in 799 of 800 rows", "integer_parsing")
        assert fault.place == 'line 3, column "year"'

    def test_lines_are_those_of_the_file_where_rows_were_left_out(self) -> None:
        body = 'fuel,year,price\n"two\nlines",2000,1\n,,\na,2000,\n\na,grande,1\n'
        assert the_fault(body).loc == ("line", 6, "year")


class TestJoinedColumns:
    tags = replace(
        SMALL,
        files=FileSettings(join={"text": ["title", "description"]}),
        schema=Schema((Feature("text", "string", categorical=False),), Feature("tag", "string")),
    )

    def read(self, *rows: dict[str, Any], name: str = "rows.csv") -> ReadRows:
        written = io.StringIO()
        writer = csv.DictWriter(written, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return read(written.getvalue() if name == "rows.csv" else json.dumps(rows), self.tags, name=name)

    def test_a_column_is_made_of_its_parts(self) -> None:
        rows = self.read(
            {"title": " One ", "description": "two,\nthree ", "tag": "a", "id": "1"},
            {"title": "Uno", "description": "", "tag": "b", "id": "2"},
            {"title": "NA", "description": "dos", "tag": "b", "id": "3"},
        )
        assert rows.table == {"text": ["One two,\nthree", "Uno", "dos"], "tag": ["a", "b", "b"]}
        assert rows.notes == ("columns read as: title + description -> text", "columns not used: 'id'")

    def test_a_part_may_be_lacking(self) -> None:
        assert self.read({"title": "One", "tag": "a"}).table["text"] == ["One"]

    def test_a_column_of_its_own_goes_before_its_parts(self) -> None:
        rows = self.read({"text": "whole", "title": "part", "tag": "a"})
        assert rows.table["text"] == ["whole"]
        assert rows.notes == ("columns not used: 'title'",)

    def test_nothing_to_join_is_a_missing_value(self) -> None:
        with pytest.raises(InvalidInputError) as caught:
            self.read({"title": "", "description": "null", "tag": "a"}, {"title": "b", "description": "", "tag": "a"})
        assert [fault.loc for fault in caught.value.faults] == [("line", 2, "text")]

    def test_a_part_of_another_type_is_reported_under_the_column(self) -> None:
        with pytest.raises(InvalidInputError) as caught:
            self.read({"title": "a", "description": 5, "tag": "a"}, name="rows.json")
        (fault,) = caught.value.faults
        assert (fault.loc, fault.type) == ((0, "text"), "string_type")

    def test_a_file_without_any_part_lacks_the_column(self) -> None:
        with pytest.raises(InvalidInputError, match="no such column"):
            self.read({"name": "a", "tag": "a"})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("rows.csv", b"flag,price\nTrue,1\nfalse,2\n1,3\n"),
        ("rows.json", b'[{"flag":true,"price":1},{"flag":false,"price":2},{"flag":1,"price":3}]'),
    ],
)
def test_truth_is_1_and_0_where_nothing_else_is_allowed(name: str, body: bytes) -> None:
    flag = Feature("flag", "integer", allowed=(0, 1))
    definition = replace(SMALL, schema=Schema((flag,), Feature("price", "number")))
    assert read(body, definition, name=name).table["flag"] == [1, 0, 1]
    other = replace(definition, schema=Schema((Feature("flag", "integer"),), Feature("price", "number")))
    assert faults_of(body, other, name=name)[0].loc[-1] == "flag"


class TestAllAtOnce:
    def test_columns_rows_and_cells_are_reported_together(self) -> None:
        body = "fuel,year,weight,year\nDiesel,x,1,1\ndiesel,2000,y,1\nPetrol,1900\n=A1,2000.5,1,1\n"
        assert [(fault.loc, fault.type) for fault in faults_of(body)] == [
            (("file", "year"), "repeated_column"),
            (("file", "price"), "missing"),
            (("file", "fuel"), "near_level"),
            (("line", 2, "year"), "integer_parsing"),
            (("line", 3, "weight"), "number_parsing"),
            (("line", 4), "csv_row_length"),
            (("line", 5, "fuel"), "formula"),
            (("line", 5, "year"), "int_from_float"),
        ]

    def test_a_column_in_doubt_hides_no_other_fault(self) -> None:
        faults = faults_of("year;price\n2000;70,500\n1900;80,250\n")
        assert [(fault.loc, fault.type) for fault in faults] == [
            (("file", "price"), "ambiguous_number"),
            (("line", 3, "year"), "greater_than_equal"),
        ]


def test_rows_without_any_of_several_targets_are_left_out_each_with_its_number() -> None:
    schema = Schema((Feature("x", "number"),), (Feature("a", "number"), Feature("b.c €", "string")))
    definition = replace(SMALL, schema=schema, files=FileSettings())
    body = "x,a,b.c €\n1,1,u\n2,,v\n3,3,\n4,,\n5,5,w\n".encode()
    found = read_rows(body, "rows.csv", definition)
    assert found.table == {"x": [1, 5], "a": [1, 5], "b.c €": ["u", "w"]}
    assert [note for note in found.notes if "left out" in note] == [
        "2 rows without a were left out",
        "1 rows without b.c € were left out",
    ]


def test_a_file_without_one_of_several_targets_is_refused_by_its_name() -> None:
    schema = Schema((Feature("x", "number"),), (Feature("a", "number"), Feature("b", "number")))
    with pytest.raises(InvalidInputError) as caught:
        read_rows(b"x,a\n1,2\n", "rows.csv", replace(SMALL, schema=schema, files=FileSettings()))
    assert [fault.loc for fault in caught.value.faults] == [("file", "b")]
