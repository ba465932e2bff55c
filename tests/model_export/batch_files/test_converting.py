"""Files that are not plain, as rows: the values are those of training files, whatever form the file has."""

from __future__ import annotations

import csv
import gzip
import io
import json
import unicodedata
from dataclasses import replace

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.converted_rows import ConvertedRow, decoded_rows
from functions.core.definition import Definition, FileSettings
from functions.core.errors import InvalidInputError
from functions.core.schema import Feature, Schema
from model_export.batch_files.converting import Conversion, converted
from model_export.training_files.rows import read_rows
from tests.generated import examples
from tests.model_export.training_files.small_table import CARS

SCHEMA = Schema(
    features=(
        Feature("fuel", "string", nullable=True),
        Feature("year", "integer", nullable=True),
        Feature("weight", "number"),
        Feature("day", "datetime", nullable=True),
        Feature("new", "boolean", nullable=True),
    ),
    target=Feature("price", "number"),
    id="key",
)
SETTINGS = FileSettings(date_order={"day": "day-month-year"}, rename={"fuel type": "fuel"})
CAR = replace(CARS, files=SETTINGS, schema=SCHEMA, slices=())
HEADER = ["key", "fuel type", "year", "weight", "day", "new", "price"]
ROWS = [
    ["a1", "diesel", "2014", "1.234,5", "31/12/2014", "true", "9,5"],
    ["007", "", "", "2,25", "", "", ""],
    ["ñ/3", "a\nb", "1999", "0,5", "01/02/2003", "false", "7,0"],
]
MOST_BYTES = 10**7


def rows_of(body: bytes, name: str = "cars.csv", definition: Definition = CAR, **asked: bool) -> list[ConvertedRow]:
    wanted = Conversion(definition.schema, definition.schema.id, **asked)
    return list(decoded_rows(converted(body, name, definition, wanted, most_bytes=MOST_BYTES).body))


def written(rows: list[list[str]], separator: str = ";", header: list[str] = HEADER) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([header, *rows])
    return text.getvalue().encode("cp1252")


def test_semicolons_commas_and_dates_of_spreadsheets_become_values() -> None:
    first, second, third = rows_of(written(ROWS))
    assert first.values == {"fuel": "diesel", "year": 2014, "weight": 1234.5, "day": "2014-12-31", "new": True}
    assert second.values == {"fuel": None, "year": None, "weight": 2.25, "day": None, "new": None}
    assert third.values["fuel"] == "a\nb"
    assert [row.id for row in (first, second, third)] == ["a1", "007", "ñ/3"]


@pytest.mark.parametrize("id_name", ["código", "señal"])
def test_columns_in_another_unicode_form_are_those_of_the_model_and_of_the_ids(id_name: str) -> None:
    schema = Schema((Feature("año", "integer"),), Feature("price", "number"), id="código")
    definition = replace(CAR, schema=schema, files=FileSettings())
    body = unicodedata.normalize("NFD", f"{id_name};año;price\nx;2014;1\n").encode()
    (row,) = decoded_rows(
        converted(body, "cars.csv", definition, Conversion(schema, id_name), most_bytes=MOST_BYTES).body
    )
    assert (row.id, row.values) == ("x", {"año": 2014})


def test_gzip_and_a_byte_order_mark_change_nothing() -> None:
    plain = rows_of(written(ROWS))
    body = b"\xef\xbb\xbf" + written(ROWS).decode("cp1252").encode()
    assert rows_of(body) == plain
    assert rows_of(gzip.compress(body), "cars.csv.gz") == plain


def test_a_json_array_and_parquet_give_the_values_that_they_hold() -> None:
    instances = [
        {"key": 1, "fuel type": "diesel", "year": 2014, "weight": 1.5, "day": "31/12/2014", "new": True},
        {"key": 2, "fuel type": None, "year": None, "weight": 2.0, "day": None, "new": None},
    ]
    from_json = rows_of(json.dumps(instances).encode(), "cars.json")
    assert [row.id for row in from_json] == ["1", "2"]
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(instances), sink)
    from_parquet = rows_of(sink.getvalue(), "cars.parquet")
    assert [row.values for row in from_parquet] == [row.values for row in from_json]


def test_the_target_may_be_there_or_not_and_goes_along_if_it_is_measured() -> None:
    without = [row[:-1] for row in ROWS]
    assert rows_of(written(without, header=HEADER[:-1])) == rows_of(written(ROWS))
    assert [row.targets for row in rows_of(written(ROWS), measure=True)] == [
        {"price": 9.5},
        {"price": None},
        {"price": 7.0},
    ]
    with pytest.raises(InvalidInputError, match="price"):
        rows_of(written(without, header=HEADER[:-1]), measure=True)


def test_cells_are_kept_as_they_were_sent() -> None:
    kept = rows_of(written(ROWS), keep_columns=True)[0].columns
    assert kept == dict(zip(HEADER, ROWS[0], strict=True))


def test_a_bad_cell_is_a_fault_of_its_row_alone() -> None:
    rows = [ROWS[0], ["x", "diesel", "soon", "1,5", "31/31/2014", "", ""], ROWS[2]]
    first, bad, last = rows_of(written(rows))
    assert [first.faults, last.faults] == [(), ()]
    assert [(column, kind) for column, _, kind in bad.faults] == [
        ("year", "integer_parsing"),
        ("day", "datetime_parsing"),
    ]
    assert bad.values == {"fuel": "diesel", "weight": 1.5, "new": None}


def test_moments_of_a_feature_in_utc_keep_their_zone() -> None:
    day = Feature("day", "datetime", time_zone="UTC")
    definition = replace(CAR, schema=replace(SCHEMA, features=(*SCHEMA.features[:3], day)), files=FileSettings())
    body = b"key,fuel,year,weight,day,price\na,x,2014,1.5,2014-12-31T02:00:00+02:00,1\n"
    assert rows_of(body, definition=definition)[0].values["day"] == "2014-12-31T00:00:00Z"


def test_a_cell_that_is_nested_too_deeply_to_be_written_is_a_fault_where_cells_are_kept() -> None:
    body = b'[{"weight": 1.5, "key": "a", "more": %s}, {"weight": 2.5, "key": "b"}]' % (b"[" * 600 + b"]" * 600)
    assert [row.faults for row in rows_of(body, "cars.json")] == [(), ()]
    first, second = rows_of(body, "cars.json", keep_columns=True)
    assert [(column, kind) for column, _, kind in first.faults] == [("more", "too_deep")]
    assert (first.columns, second.faults) == (None, ())


def test_an_infinite_number_is_a_fault_and_no_missing_value() -> None:
    (row,) = rows_of(written([["k", "diesel", "2014", "inf", "", "", "1"]]))
    assert row.faults == (("weight", "a number must be finite", "finite_number"),)


def test_a_row_of_another_length_is_a_fault_in_its_place() -> None:
    found = rows_of(written([ROWS[0], ROWS[1][:3], ROWS[2], ["", "short"]]))
    assert [row.line for row in found] == [2, 3, 4, 5]
    assert [bool(row.faults) for row in found] == [False, True, False, True]
    assert found[1].faults[0][2] == "csv_row_length"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"fuel type;weight\n", "key"),
        (b"1;2\n3;4\n", "header"),
        (b"key;weight;weight\na;1;2\n", "more than once"),
    ],
)
def test_a_file_that_cannot_be_predicted_is_refused_as_a_whole(body: bytes, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        rows_of(body)


CELL = st.text(st.sampled_from("ab ñ,;\"\n'-"), max_size=6)
NUMBER = st.decimals(-10_000, 10_000, places=2).map(lambda number: str(number).replace(".", ","))


@examples(60)
@given(st.lists(st.tuples(CELL, st.integers(1950, 2030).map(str), NUMBER, NUMBER), min_size=1, max_size=12))
def test_values_are_those_that_a_training_file_of_the_same_bytes_has(rows: list[tuple[str, ...]]) -> None:
    body = written([["k", fuel, year, weight, "", "", price] for fuel, year, weight, price in rows])
    try:
        table = read_rows(body, "cars.csv", CAR).table
    except InvalidInputError:  # numbers that may be read in two ways, which both refuse
        with pytest.raises(InvalidInputError):
            read_rows(body, "cars.csv", CAR)
        return
    found = rows_of(body, measure=True)
    for name in ("fuel", "year", "weight"):
        assert [row.values[name] for row in found] == table[name]
    assert [row.targets for row in found] == [{"price": price} for price in table["price"]]
