"""The id column of a file: read as text, and searched for one person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.core.definition import Definition
from functions.core.schema import Feature, Schema
from model_export.training_files.id_cells import rows_with_id
from model_export.training_files.rows import read_rows, read_sheet

WITH_ID = Definition(
    name="small",
    task="tabular-regression",
    description="",
    schema=Schema((Feature("size", "number"),), Feature("price", "number"), id="person"),
    folder=Path("small"),
    digest="0" * 64,
)


def rows_of(body: str, name: str = "rows.csv") -> tuple[str | None, ...] | None:
    return read_rows(body.encode(), name, WITH_ID).ids


def found_in(body: str, value: str, name: str = "rows.csv") -> int | None:
    return rows_with_id(read_sheet(body.encode(), name, 10_000), WITH_ID, value)


def test_each_row_has_its_id_and_rows_without_a_label_are_left_out() -> None:
    assert rows_of("person,size,price\n123,1,2\n ana ,1,\n,3,4\nNA,5,6\neva,7,8\n") == ("123", None, None, "eva")
    instances = [{"person": 123, "size": 1, "price": 2}, {"size": 1, "price": 2}]
    assert rows_of(json.dumps(instances), "rows.json") == ("123", None)


def test_a_file_without_the_column_has_no_ids() -> None:
    assert rows_of("size,price\n1,2\n") is None


def test_rows_of_a_person_are_found_without_a_label_too() -> None:
    body = "person,size,price\nana,1,2\nana,1,\neva,x,3\n"
    assert (found_in(body, "ana"), found_in(body, "eva"), found_in(body, "bo")) == (2, 1, 0)
    assert found_in('{"person": 7, "size": 1}\n', "7", "rows.jsonl") == 1


def test_a_file_with_a_number_that_no_parser_reads_exactly_cannot_be_searched() -> None:
    body = '{"person": 89340711234567890123, "size": 1, "price": 2}\n{"person": 7, "size": 1, "price": 2}\n'
    assert rows_of(body, "rows.jsonl") == (None, "7")
    assert found_in(body, "89340711234567890123", "rows.jsonl") is None
    assert found_in(body, "89340711234567897088", "rows.jsonl") is None
    assert found_in(body.replace(body[11:31], f'"{body[11:31]}"'), "89340711234567890123", "rows.jsonl") == 1


@pytest.mark.parametrize(
    "body", ["size,price\n1,2\n", "person,size,price\n,1,2\neva,1,2\n", "person,size,price\neva,1,2\nana\n"]
)
def test_a_file_with_rows_of_nobody_cannot_be_searched(body: str) -> None:
    assert found_in(body, "ana") is None
