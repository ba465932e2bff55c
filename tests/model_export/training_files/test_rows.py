"""Training files: the table read from them, the notes, and the faults with their places."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.core.definition import Definition, FileSettings
from functions.core.errors import MAX_FAULTS, Fault, InvalidInputError
from functions.core.json_text import parse_json
from functions.core.model_folder import load_definition
from functions.core.schema import Feature, Schema
from model_export.training_files.rows import ReadRows, read_rows, read_sheet, whole_columns
from tests.generated import examples

ROOT = Path(__file__).resolve().parents[3]
CHURN = load_definition(ROOT / "models" / "churn")
CARS = load_definition(ROOT / "models" / "car-price")
SMALL = replace(
    CARS,
    files=FileSettings(),
    schema=Schema(
        features=(
            Feature("fuel", "string", nullable=True),
            Feature("year", "integer", minimum=1950),
            Feature("weight", "number", nullable=True),
        ),
        target=Feature("price", "number"),
        id="key",
    ),
)
CAR: dict[str, Any] = {
    "name": "Maruti Swift VXI",
    "year": 2014,
    "selling_price": 450000,
    "km_driven": 70000,
    "fuel": "Petrol",
    "seller_type": "Individual",
    "transmission": "Manual",
    "owner": "Fourth & Above Owner",
}
CUSTOMER: dict[str, Any] = {
    "customerID": "7590-VHVEG",
    "gender": "Female",
    "SeniorCitizen": "0",
    "Partner": "Yes",
    "Dependents": "No",
    "tenure": "1",
    "PhoneService": "No",
    "MultipleLines": "No phone service",
    "InternetService": "DSL",
    "OnlineSecurity": "No",
    "OnlineBackup": "Yes",
    "DeviceProtection": "No",
    "TechSupport": "No",
    "StreamingTV": "No",
    "StreamingMovies": "No",
    "Contract": "Month-to-month",
    "PaperlessBilling": "Yes",
    "PaymentMethod": "Bank transfer (automatic)",
    "MonthlyCharges": "29.85",
    "TotalCharges": "29.85",
    "Churn": "No",
}


def csv_of(*rows: Mapping[str, Any]) -> bytes:
    lines = [",".join(rows[0]), *(",".join(str(row[name]) for name in rows[0]) for row in rows)]
    return "\n".join(lines).encode()


def read(body: str | bytes, definition: Definition = SMALL, *, name: str = "rows.csv") -> ReadRows:
    return read_rows(body.encode() if isinstance(body, str) else body, name, definition)


def faults_of(body: str | bytes, definition: Definition = SMALL, *, name: str = "rows.csv") -> list[Fault]:
    with pytest.raises(InvalidInputError) as caught:
        read(body, definition, name=name)
    return list(caught.value.faults)


def the_fault(body: str | bytes, definition: Definition = SMALL, *, name: str = "rows.csv") -> Fault:
    (fault,) = faults_of(body, definition, name=name)
    return fault


class TestChurnFiles:
    def test_the_spelling_of_the_telco_table_is_brought_to_the_schema(self) -> None:
        rows = read(csv_of(CUSTOMER), CHURN)
        assert rows.notes[0].startswith("columns read as: customerID -> customerid, SeniorCitizen -> seniorcitizen, ")
        assert list(rows.table) == [*CHURN.schema.feature_names, "churn"]
        first = {name: column[0] for name, column in rows.table.items()}
        assert first["contract"] == "month-to-month"
        assert first["paymentmethod"] == "bank_transfer_(automatic)"
        assert first["multiplelines"] == "no_phone_service"
        assert (first["seniorcitizen"], first["tenure"], first["monthlycharges"]) == (0, 1, 29.85)
        assert first["churn"] == "no"

    @pytest.mark.parametrize("blank", [" ", "", "NA", "nan"])
    def test_a_blank_total_is_filled(self, blank: str) -> None:
        rows = read(csv_of(CUSTOMER, {**CUSTOMER, "TotalCharges": blank}), CHURN)
        assert rows.table["totalcharges"] == [29.85, 0]

    def test_a_blank_elsewhere_is_refused(self) -> None:
        fault = the_fault(csv_of(CUSTOMER, {**CUSTOMER, "MonthlyCharges": " "}), CHURN)
        assert fault == Fault(("line", 3, "monthlycharges"), "must not be null", "number_type")

    def test_the_finished_spelling_reads_the_same(self) -> None:
        finished = {name.lower(): str(value).lower().replace(" ", "_") for name, value in CUSTOMER.items()}
        assert read(csv_of(finished), CHURN) == ReadRows(read(csv_of(CUSTOMER), CHURN).table, (), ("7590-vhveg",))

    def test_an_unknown_choice_is_refused_in_its_place(self) -> None:
        fault = the_fault(csv_of(CUSTOMER, {**CUSTOMER, "Contract": "Three year"}), CHURN)
        assert (fault.loc, fault.type) == (("line", 3, "contract"), "enum")

    def test_json_rows_are_filled_and_spelled_alike(self) -> None:
        numbers = {"SeniorCitizen": 0, "tenure": 0, "MonthlyCharges": 29.85, "TotalCharges": None}
        rows = read(json.dumps([{**CUSTOMER, **numbers}]), CHURN, name="rows.json")
        assert rows.table["totalcharges"] == [0]
        assert rows.table["contract"] == ["month-to-month"]


class TestCarFiles:
    def test_levels_are_kept_as_they_are(self) -> None:
        table = read(csv_of(CAR), CARS).table
        assert table["owner"] == ["Fourth & Above Owner"]
        assert table["name"] == ["Maruti Swift VXI"]

    def test_renamed_and_capitalised_columns_are_found(self) -> None:
        spelled = {"fuel": "Fuel_Type", "km_driven": "Km Driven", "name": " Name ", "selling_price": "SELLING_PRICE"}
        renamed = {spelled.get(name, name): value for name, value in CAR.items()}
        assert read(csv_of(renamed), CARS) == ReadRows(
            read(csv_of(CAR), CARS).table,
            (
                "columns read as: ' Name ' -> name, SELLING_PRICE -> selling_price, "
                "Km Driven -> km_driven, Fuel_Type -> fuel",
            ),
        )

    def test_reordered_columns_give_the_order_of_the_schema(self) -> None:
        reordered = dict(reversed(CAR.items()))
        assert list(read(csv_of(reordered), CARS).table) == list(read(csv_of(CAR), CARS).table)
        assert read(csv_of(reordered), CARS) == read(csv_of(CAR), CARS)

    def test_two_spellings_that_become_one_column_are_refused(self) -> None:
        fault = the_fault(csv_of({**CAR, "Fuel_Type": "Diesel"}), CARS)
        assert (fault.loc, fault.type) == (("file", "fuel"), "repeated_column")

    def test_near_levels_are_refused_with_both_spellings(self) -> None:
        rows = [CAR, {**CAR, "fuel": "petrol"}, {**CAR, "seller_type": "Trustmark Dealer"}]
        faults = faults_of(csv_of(*rows, {**CAR, "seller_type": "trustmark-dealer"}), CARS)
        assert ("file", "fuel") in [fault.loc for fault in faults]
        assert {fault.type for fault in faults} == {"near_level"}
        assert "'petrol'" in faults[0].msg
        assert "'Petrol'" in faults[0].msg

    def test_free_text_may_differ_in_case(self) -> None:
        rows = read(csv_of(CAR, {**CAR, "name": "MARUTI SWIFT VXI"}), CARS)
        assert rows.table["name"] == ["Maruti Swift VXI", "MARUTI SWIFT VXI"]


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


class TestRealFiles:
    def test_the_project_table_is_read_with_its_texts_joined(self, real_data: Path) -> None:
        definition = load_definition(ROOT / "models" / "project-tags")
        rows = read((real_data / "madewithml/dataset.csv").read_bytes(), definition, name="dataset.csv")
        assert len(rows.table["text"]) == 764
        assert any("\n" in str(text) for text in rows.table["text"])
        assert rows.notes == (
            "columns read as: title + description -> text",
            "columns not used: 'id', 'created_on'",
        )

    def test_the_telco_table_is_read_whole(self, real_data: Path) -> None:
        rows = read((real_data / "churn/telco_churn.csv").read_bytes(), CHURN, name="telco_churn.csv")
        assert len(rows.table["churn"]) == 7043
        assert rows.table["churn"].count("yes") == 1869
        filled = [row for row, total in enumerate(rows.table["totalcharges"]) if total == 0]
        assert len(filled) == 11
        assert {rows.table["tenure"][row] for row in filled} == {0}
        (note,) = rows.notes
        assert note.endswith("MonthlyCharges -> monthlycharges, TotalCharges -> totalcharges, Churn -> churn")

    def test_the_car_table_is_read_whole(self, real_data: Path) -> None:
        rows = read((real_data / "cars/car_details_4340.csv").read_bytes(), CARS, name="cars.csv")
        assert len(rows.table["selling_price"]) == 4340
        assert {type(year) for year in rows.table["year"]} == {int}
        assert rows.table["owner"].count("Test Drive Car") == 17
        assert rows.notes == ()

    def test_the_later_car_table_is_read_without_its_other_columns(self, real_data: Path) -> None:
        rows = read((real_data / "cars/car_details_v3_8128.csv").read_bytes(), CARS, name="cars.csv")
        assert len(rows.table["selling_price"]) == 8128
        assert "'mileage'" in rows.notes[0]


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


class TestHostileFiles:
    """Large or strange files are read, or refused in few words, in little memory."""

    def test_a_long_text_is_one_cell(self) -> None:
        definition = replace(SMALL, schema=Schema((Feature("text", "string", categorical=False),), SMALL.schema.target))
        text = "palabra, " * 25_000
        rows = read(f'text,price\n"{text}",1\nshort,2\n', definition)
        assert rows.table["text"] == [text.strip(), "short"]

    @pytest.mark.parametrize("separator", [",", ";"])
    def test_very_many_columns_are_reported_in_a_few_words(self, separator: str) -> None:
        header = separator.join(map(str, range(100_000)))
        (fault,) = faults_of(f"{header}\n{header}\n")
        assert fault.type == "no_header"
        named = separator.join(f"c{number}" for number in range(100_000))
        faults = faults_of(f"{named}\n{header}\n")
        assert {fault.type for fault in faults} == {"missing"}
        assert all("c19, and 99980 more" in fault.msg and len(fault.msg) < 300 for fault in faults)
        rows = read(f"year{separator}price{separator}{named}\n2000{separator}1{separator}{header}\n")
        assert sum(map(len, rows.notes)) < 500

    @pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.jsonl"])
    def test_one_long_line_is_reported_in_a_few_words(self, name: str) -> None:
        faults = faults_of(b"x" * 20_000_000, name=name)
        assert all(len(fault.msg) < 200 for fault in faults)

    def test_new_keys_in_every_instance_are_no_table(self) -> None:
        rows = ",".join(f'{{"k{number}":1}}' for number in range(8000))
        fault = the_fault(f"[{rows}]", name="rows.json")
        assert (fault.loc, fault.type) == (("file",), "too_many_columns")

    @pytest.mark.parametrize(("name", "text"), [("a.csv", "a,b\n1,2\n3\n"), ("a.json", '[{"a":1},{"b":2}]')])
    def test_a_file_without_any_required_column_is_refused_by_its_header(self, name: str, text: str) -> None:
        faults = faults_of(text, name=name)
        assert {fault.type for fault in faults} == {"missing"}
        assert {fault.loc[0] for fault in faults} == {"file"}

    def test_a_packed_file_is_limited_by_what_it_unpacks_to(self) -> None:
        small = replace(SMALL, limits=replace(SMALL.limits, max_training_bytes=1000))
        packed = gzip.compress(b"year,price\n" + b"2000,1\n" * 1000)
        assert len(packed) < 1000
        assert the_fault(packed, small, name="rows.csv.gz").type == "too_large"
        assert len(read(packed, name="rows.csv.gz").table["year"]) == 1000


PIECES = (
    b"year",
    b"price",
    b"fuel",
    b",",
    b";",
    b"\n",
    b'"',
    b"=1+1",
    b"1,234",
    b"70.500",
    b"2000",
    b"\xc3\xb1",
    b"\xf1",
)
MORE_PIECES = (
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b'"year"',
    b"null",
    b"1e400",
    b"\x1f\x8b",
    b"\xff\xfe",
    b"\0",
    b"?5",
    "€".encode(),
)


@examples(500)
@given(
    st.lists(st.sampled_from((*PIECES, *MORE_PIECES)), max_size=30).map(b"".join) | st.binary(max_size=60),
    st.sampled_from(["rows.csv", "rows.json", "rows.jsonl", "rows.csv.gz"]),
)
def test_a_file_of_any_bytes_is_read_or_refused(body: bytes, name: str) -> None:
    try:
        rows = read(body, name=name)
    except InvalidInputError as error:
        faults = error.faults
    else:
        faults = ()
        assert list(rows.table) == ["fuel", "year", "weight", "price"]
        assert len({len(column) for column in rows.table.values()}) == 1
    assert all(fault.loc and fault.type and 0 < len(fault.msg) < 400 for fault in faults)


texts = st.text(st.characters(codec="cp1252", exclude_categories=("Cc", "Cs", "Zs")), min_size=1, max_size=5)
table_rows = st.lists(
    st.fixed_dictionaries(
        {
            "fuel": st.none() | texts.filter(lambda one: one not in SMALL.files.missing),
            "year": st.integers(1950, 2**53),
            "weight": st.none() | st.floats(-1e6, 1e6),
            "price": st.floats(allow_nan=False, allow_infinity=False),
        }
    ),
    min_size=1,
    max_size=6,
)
FREE = replace(
    SMALL,
    schema=replace(
        SMALL.schema,
        features=(Feature("fuel", "string", nullable=True, categorical=False), *SMALL.schema.features[1:]),
    ),
)


def is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(
    table_rows,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.booleans(),
)
def test_a_table_is_the_same_however_it_was_saved(
    rows: list[dict[str, Any]], separator: str, encoding: str, is_packed: bool
) -> None:
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows({name: "" if cell is None else cell for name, cell in row.items()} for row in rows)
    body = written.getvalue().encode(encoding)
    assume(encoding != "cp1252" or written.getvalue().isascii() or not is_utf_8(body))
    found = table_or_faults(gzip.compress(body, mtime=0) if is_packed else body)
    in_doubt = {"ambiguous_number"} if separator != "," else set()
    if encoding == "cp1252":
        in_doubt.add("encoding")
    assert found == {name: [row[name] for row in rows] for name in rows[0]} or in_doubt.issuperset(found)


def table_or_faults(body: bytes) -> Any:
    """The kinds of faults of a table that could only be guessed."""
    try:
        return read(body, FREE).table
    except InvalidInputError as error:
        return {fault.type for fault in error.faults}


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
