"""Training files that are large, strange, or written in any way: read as they are, or refused in few words."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.core.errors import InvalidInputError
from functions.core.schema import Feature, Schema
from tests.generated import examples
from tests.model_export.training_files.small_table import SMALL, faults_of, read, the_fault


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
