"""Parquet files: every flat column comes as JSON would have it, and is written back."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from functions.core.errors import InvalidInputError
from model_export.batch_files.parquet_files import ParquetRows, is_parquet, read_parquet

MOST_BYTES = 10**7


def parquet(table: pyarrow.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, **options)
    return sink.getvalue()


def test_numbers_texts_truth_and_times_are_read() -> None:
    table = pyarrow.table(
        {
            "whole": pyarrow.array([1, None], pyarrow.int32()),
            "number": [1.5, float("nan")],
            "exact": [Decimal("2.50"), None],
            "text": pyarrow.array(["ñ", None]).dictionary_encode(),
            "truth": [True, None],
            "day": [date(2026, 1, 31), None],
            "local": [datetime(2026, 1, 31, 12), None],
            "moment": [datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))), None],
        }
    )
    sheet = read_parquet(parquet(table), most_bytes=MOST_BYTES)
    assert sheet.header == tuple(table.column_names)
    assert [column[0] for column in sheet.columns] == [
        1,
        1.5,
        2.5,
        "ñ",
        True,
        "2026-01-31",
        "2026-01-31T12:00:00",
        datetime(2026, 1, 31, 10, tzinfo=UTC).isoformat(),
    ]
    assert [column[1] for column in sheet.columns] == [None] * len(sheet.columns)
    assert not sheet.is_text


def test_row_groups_are_joined_and_nested_columns_are_left_out_with_a_note() -> None:
    table = pyarrow.table({"a": list(range(25_000)), "b": [[1]] * 25_000})
    sheet = read_parquet(parquet(table, row_group_size=1000), most_bytes=MOST_BYTES)
    assert sheet.columns == (list(range(25_000)),)
    assert sheet.notes == ("columns of lists and structures not used: b",)


def test_a_damaged_and_a_too_large_file_are_refused() -> None:
    body = parquet(pyarrow.table({"a": list(range(1000))}))
    with pytest.raises(InvalidInputError, match="cannot be read"):
        read_parquet(body[:8] + bytes(40) + body[-8:], most_bytes=MOST_BYTES)
    with pytest.raises(InvalidInputError, match="send it in parts"):
        read_parquet(body, most_bytes=100)


def written(names: list[str], *parts: list[list[Any]]) -> pyarrow.Table:
    rows = ParquetRows(names)
    for part in parts:
        rows.add(part)
    body = rows.body()
    assert is_parquet(body)
    return pyarrow.parquet.read_table(io.BytesIO(body))


def test_parts_are_one_file_with_exact_numbers() -> None:
    table = written(["line", "prediction", "warnings"], [[2, 0.1, ""]], [[3, 1e300, "x"], [4, None, "ñ"]])
    assert table.to_pydict() == {"line": [2, 3, 4], "prediction": [0.1, 1e300, None], "warnings": ["", "x", "ñ"]}
    assert [str(kind) for kind in table.schema.types] == ["int64", "double", "string"]


def test_a_column_takes_the_type_of_all_its_parts() -> None:
    table = written(["number", "mixed", "empty"], [[1, 1, None], [None, True, None]], [[2.5, "a", None]])
    assert table.to_pydict() == {"number": [1.0, None, 2.5], "mixed": ["1", "true", "a"], "empty": [None] * 3}


def test_a_batch_without_any_sound_row_is_a_file_of_columns() -> None:
    assert written(["line", "prediction"], []).to_pydict() == {"line": [], "prediction": []}


@pytest.mark.parametrize("values", [[1.5], ["a text of some length"], ["x"]])
def test_a_column_of_one_value_for_very_many_rows_is_refused_though_its_file_is_small(values: list[Any]) -> None:
    encoded = pyarrow.array(values * 200_000).dictionary_encode()
    for array in (pyarrow.array(values * 200_000), encoded):
        body = parquet(pyarrow.table({"column": array}))
        assert len(body) < 100_000
        with pytest.raises(InvalidInputError, match="more than 300000"):
            read_parquet(body, most_bytes=300_000)
