"""The rows of a shard: the values of /predict and of training files, and every bad row with its faults."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.batches.plain_file import NotPlainError, plain_file
from functions.batches.rows import Rows, ShardReader, as_cell, sound_objects
from functions.core.batch_record import Batch
from functions.core.column_check import ColumnCheck
from functions.core.definition import DecimalMark, Definition, FileSettings
from functions.core.schema import Feature, Schema
from model_export.training_files.columns import match_columns
from model_export.training_files.rows import read_sheet
from model_export.training_files.values import read_column
from tests.batches.small_batches import batch_of, plan_of
from tests.generated import examples

FEATURES = (
    Feature("amount", "number", nullable=True, minimum=-1000),
    Feature("count", "integer"),
    Feature("bit", "integer", allowed=(0, 1)),
    Feature("truth", "boolean"),
    Feature("level", "string"),
    Feature("closed", "string", allowed=("a_b", "No", "x"), nullable=True),
    Feature("words", "string", categorical=False, nullable=True),
    Feature("day", "datetime"),
    Feature("moment", "datetime", time_zone="UTC", nullable=True),
)
TARGET = Feature("target", "number", nullable=True)
PLAIN = {
    "amount": ["1", "2.5", "70.500", "-3", " 4 ", "1e3", "", "NA", "?"],
    "count": ["1", "2", "-7", "4.0", " 5", "9" * 20],
    "bit": ["0", "1", "true", "False"],
    "truth": ["0", "1.0", "TRUE", "false"],
    "level": ["No Way", "x", "uno", "A b", "-1", "5"],
    "closed": ["A B", "No", "x", "uno", ""],
    "words": ["Some Words", "=1", "#N/A", "", 'ñ, "q"'],
    "day": ["2026-11-29", "2026-11-29 10:30:00"],
    "moment": ["2026-11-29T10:30:00Z", ""],
}
ODD = [
    "x",
    "1,234",
    "$5",
    "12%",
    "70.000",
    "1.234.567",
    "=1",
    "#REF!",
    "29/11/2026",
    "inf",
    "1_0",
    "٤",
    "?",
    "uno",
    "",
    "2",
]
FILES = st.builds(
    FileSettings,
    snake_case_values=st.booleans(),
    rename=st.sampled_from([{}, {"Cantidad": "count"}]),
    fill=st.sampled_from([{}, {"amount": 0.5, "count": 3, "closed": "x", "level": "none"}]),
    decimal=st.sampled_from([None, None, ".", ","]),
    missing=st.sampled_from([FileSettings().missing, ("",), ("-1", "?", "")]),
    rename_values=st.sampled_from(
        [{}, {"level": {"uno": "One", "x": "NA"}, "closed": {"uno": "x"}, "amount": {"uno": "1,5", "x": "2"}}]
    ),
)


def definition_of(schema: Schema, files: FileSettings) -> Definition:
    return Definition("small", "tabular-regression", "", schema, Path("small"), "0" * 64, files=files)


def read(body: bytes, schema: Schema, files: FileSettings, batch: Batch | None = None, name: str = "rows.csv") -> Rows:
    """All rows of a file in one chunk. Raises NotPlainError where planning would say so."""
    batch = batch or batch_of()
    plan = plan_of(plain_file(body, name, schema, files), files=files)
    plan = replace(plan, id=batch.id)
    if batch.keep_columns:
        plan = replace(plan, kept=plan.header or ("a", "b"))
    (rows,) = ShardReader(batch, plan, schema, 10_000).chunks(body[plan.start :], plan.line)
    if rows.is_foreign:
        raise NotPlainError("numbers of people")
    return rows


def of_training(body: bytes, schema: Schema, files: FileSettings) -> list[dict[str, Any] | None]:
    """The values of each row as the reader of training files has them; None for a row with a bad cell."""
    definition = definition_of(schema, files)
    sheet = read_sheet(body, "rows.csv", 10**6)
    matched = match_columns(sheet, definition)
    assert matched.faults == ()
    table: dict[str, list[Any]] = {}
    for feature in schema.features:
        column = read_column(feature, matched.columns[feature.name], files, sheet)
        assert column.doubt is None
        table[feature.name] = [_checked(feature, value) for value in column.values]
    rows = [dict(zip(table, cells, strict=True)) for cells in zip(*table.values(), strict=True)]
    return [None if _BAD in row.values() else row for row in rows]


_BAD = object()


def _checked(feature: Feature, value: Any) -> Any:
    column = [value]
    return column[0] if ColumnCheck(feature).passes(column) else _BAD


@st.composite
def files_of_all_types(draw: st.DrawFn) -> tuple[bytes, Schema, FileSettings]:
    files = draw(FILES)
    features = draw(st.lists(st.sampled_from(FEATURES), min_size=1, unique_by=lambda one: one.name))
    odd = draw(st.sampled_from([0, 0, 1, 5]))
    cells = [
        st.one_of(*([st.sampled_from(PLAIN[one.name])] * (6 - odd)), *([st.sampled_from(ODD)] * odd))
        for one in features
    ]
    rows = draw(st.lists(st.tuples(*cells), min_size=1, max_size=12))
    names = ["Cantidad" if files.rename and one.name == "count" else one.name for one in features]
    # every row has a cell, because rows without any are left out, and this test counts them
    lines = [
        ",".join(names),
        *(",".join(f'"{cell}"'.replace('"q"', '""q""') for cell in row) for row in rows if any(row)),
    ]
    return "\n".join(lines).encode(), Schema(tuple(features), TARGET), files


@examples(400)
@given(files_of_all_types())
def test_values_are_those_of_the_reader_of_training_files(file: tuple[bytes, Schema, FileSettings]) -> None:
    body, schema, files = file
    if b"\n" not in body:
        return
    try:
        rows = read(body, schema, files)
    except NotPlainError:
        return
    wanted = {line: row for line, row in enumerate(of_training(body, schema, files), 2) if row is not None}
    found = [dict(zip(rows.table, values, strict=True)) for values in zip(*rows.table.values(), strict=True)]
    assert dict(zip(rows.lines, found, strict=True)) == wanted
    assert all(
        type(value) is type(wanted[line][name])
        for line, row in zip(rows.lines, found, strict=True)
        for name, value in row.items()
    )
    assert {int(fault.loc[0]) for fault in rows.faults}.isdisjoint(wanted)


@pytest.mark.parametrize("decimal", [None, ".", ","])
@pytest.mark.parametrize("cells", [["1.077", "2.5"], ["70.000"], ["29.85", "1"], ["1077", "3"], ['"1,5"']])
def test_numbers_with_points_are_those_of_the_reader_of_training_files(
    cells: list[str], decimal: DecimalMark | None
) -> None:
    files = FileSettings(decimal=decimal)
    schema = Schema((FEATURES[0],), TARGET)
    body = "\n".join(["amount", *cells]).encode()
    try:
        rows = read(body, schema, files)
    except NotPlainError:
        assert decimal == "," or '"1,5"' in cells
    else:
        assert [{"amount": value} for value in rows.table["amount"]] == of_training(body, schema, files)


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_plain_cells_make_no_file_foreign(name: str) -> None:
    feature = next(one for one in FEATURES if one.name == name)
    cells = [f'"{cell}"' for cell in PLAIN[name] if cell and '"' not in cell]
    body = "\n".join([name, *cells]).encode()
    rows = read(body, Schema((feature,), TARGET), FileSettings(snake_case_values=True))
    assert len(rows.lines) + len({fault.loc[0] for fault in rows.faults}) == len(cells)


SMALL = Schema((Feature("a", "integer", minimum=0), Feature("b", "string", nullable=True)), TARGET, id="id")


def test_each_fault_of_a_row_has_its_line_and_its_column() -> None:
    body = b'a,b,id\n1,x,r\n\nx,=1,s\n-1,y,t\n1,2\n"1"2,x,u\n,,\n5,,w,,\n5,,w,9\n6,"p\nq",v\n'
    rows = read(body, SMALL, FileSettings(), batch_of(id="id", lookup=True))
    assert list(rows.lines) == [2, 9, 11]
    assert rows.table == {"a": [1, 5, 6], "b": ["x", None, "p\nq"]}
    assert rows.ids == ["r", "w", "v"]
    assert [(fault.loc, fault.type) for fault in rows.faults] == [
        ((4, "a"), "integer_parsing"),
        ((4, "b"), "formula"),
        ((5, "a"), "greater_than_equal"),
        ((6,), "csv_row_length"),
        ((7,), "csv_invalid"),
        ((10,), "csv_row_length"),
    ]


def test_a_row_that_would_be_looked_up_needs_an_id_of_at_most_1000_characters() -> None:
    odd = ["a/b", "ñ😀", "=1", "x" * 1000]
    cells = [*odd, "", "NA", " ", "y" * 1001]
    body = ("a,id\n" + "".join(f"1,{cell}\n" for cell in cells)).encode()
    rows = read(body, SMALL, FileSettings(), batch_of(id="id", lookup=True))
    assert rows.ids == odd
    assert [fault.type for fault in rows.faults] == [*["missing"] * 3, "string_too_long"]
    assert read(body, SMALL, FileSettings(), batch_of(id="id")).ids == [*odd, "", "", "", "y" * 1001]


def test_json_lines_are_read_by_the_rules_for_json() -> None:
    files = FileSettings(snake_case_columns=True, snake_case_values=True, fill={"a": 9})
    lines = [
        '{"A": 1, "b": " Some Level ", "id": 7, "more": [1]}',
        "",
        "[1]",
        '{"a": 2',
        '{"a": 1, "a": 2, "b": "x"}',
        '{"a": "3", "b": "x"}',
        '{"b": null, "id": 8.0}',
        '{"a": 1.5}\r',
    ]
    rows = read("\n".join(lines).encode(), SMALL, files, batch_of(id="id", keep_columns=True), "rows.jsonl")
    assert list(rows.lines) == [1, 7]
    assert rows.table == {"a": [1, 9], "b": ["some_level", None]}
    assert rows.ids == ["7", "8"]
    assert rows.kept == ([{"A": 1, "b": " Some Level ", "id": 7, "more": [1]}, {"b": None, "id": 8.0}],)
    assert [(fault.loc, fault.type) for fault in rows.faults] == [
        ((3,), "dict_type"),
        ((4,), "json_invalid"),
        ((5, "a"), "repeated_key"),
        ((6, "a"), "integer_type"),
        ((8, "a"), "int_from_float"),
    ]


def test_columns_that_were_sent_are_kept_as_they_were_sent() -> None:
    batch = batch_of(keep_columns=True, output="csv")
    rows = read(b"more, a ,more\n x ,1,2\nx,-1,2\n", SMALL, FileSettings(), batch)
    assert [list(column) for column in rows.kept] == [[" x "], ["1"], ["2"]]
    rows = read(b'{"a": 1, "b": "x"}\n{"a": 2, "c": 3}\n', SMALL, FileSettings(), batch, "rows.jsonl")
    assert [list(column) for column in rows.kept] == [[1, 2], ["x", None]]


def test_a_nullable_column_that_the_file_lacks_is_missing_or_filled() -> None:
    assert read(b"a\n1\n", SMALL, FileSettings()).table["b"] == [None]
    assert read(b"a\n1\n", SMALL, FileSettings(fill={"b": "x"})).table["b"] == ["x"]


def test_a_part_of_rows_has_no_faults() -> None:
    rows = read(b"a,b\n1,x\n2,y\nz,z\n", SMALL, FileSettings(), batch_of(id=None))
    part = rows.part(1, 2)
    assert (list(part.lines), part.table, part.faults) == ([3], {"a": [2], "b": ["y"]}, [])
    assert part.instances.rows == 1


def test_values_of_json_become_cells() -> None:
    assert list(map(as_cell, [[1], {"a": None}, True, "x", 1.5, None])) == ["[1]", '{"a":null}', "true", "x", 1.5, None]
    assert list(sound_objects(b'{"a":1}\n[1]\n\nx\n{}')) == [{"a": 1}, {}]


@pytest.mark.parametrize(
    ("name", "body"), [("rows.csv", "{0},km,{1}\n2014,3,x\n"), ("rows.jsonl", '{{"{0}": 2014, "km": 3, "{1}": "x"}}')]
)
@pytest.mark.parametrize("id_name", ["código", "señal"])
def test_columns_in_another_unicode_form_are_those_of_the_model(name: str, body: str, id_name: str) -> None:
    schema = Schema((Feature("año", "integer", nullable=True), Feature("km", "integer")), TARGET, id="código")
    sent = body.format(*(unicodedata.normalize("NFD", one) for one in ("año", id_name)))
    rows = read(sent.encode(), schema, FileSettings(), batch_of(id=id_name), name)
    assert rows.table == {"año": [2014], "km": [3]}
    assert rows.ids == ["x"]
