"""Values of Python, numpy and pandas as the API reads them."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from despliegue_client.errors import UnsendableError
from despliegue_client.json_values import json_bytes, json_rows, json_value

SOURCE = Path(__file__).parents[2] / "client" / "src"


class Fuel(StrEnum):
    DIESEL = "Diesel"


class Contract(str, Enum):  # noqa: UP042  the kind whose str is the name of the member
    MONTHLY = "Month-to-month"


class Seats(IntEnum):
    FIVE = 5


@pytest.mark.parametrize(
    "missing", [None, math.nan, np.nan, np.float32("nan"), pd.NaT, pd.NA, np.datetime64("NaT", "s")]
)
def test_a_missing_value_is_null(missing: Any) -> None:
    assert json_value(missing) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.uint8(3), 3),
        (np.float64(2.5), 2.5),
        (np.float32(2.5), 2.5),
        (np.bool_(True), True),
        (np.str_("Diesel"), "Diesel"),
        (np.array(7), 7),
        (Decimal("2.50"), 2.5),
        (Decimal("12345678901234567890"), 12345678901234567890),
        (Fuel.DIESEL, "Diesel"),
        (Contract.MONTHLY, "Month-to-month"),
        ({Contract.MONTHLY: [Contract.MONTHLY]}, {"Month-to-month": ["Month-to-month"]}),
        (Seats.FIVE, 5),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (date(2026, 11, 29), "2026-11-29"),
        (datetime(2026, 11, 29, 10, 30), "2026-11-29T10:30:00"),
        (datetime(2026, 11, 29, 10, 30, tzinfo=UTC), "2026-11-29T10:30:00+00:00"),
        (pd.Timestamp("2026-11-29 10:30:00.25", tz="Europe/Madrid"), "2026-11-29T10:30:00.250000+01:00"),
        (pd.Timestamp("2026-11-29"), "2026-11-29T00:00:00"),
        (np.datetime64("2026-11-29"), "2026-11-29"),
        (np.datetime64("2026-11-29T10:30:00.250000000"), "2026-11-29T10:30:00.250000"),
        (["a", np.int64(1)], ["a", 1]),
    ],
)
def test_a_value_is_written_as_the_api_reads_it(value: Any, expected: Any) -> None:
    found = json_value(value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "value", [math.inf, -np.inf, Decimal("Infinity"), time(10), timedelta(1), np.timedelta64(1, "s")]
)
def test_what_json_has_no_word_for_is_refused(value: Any) -> None:
    with pytest.raises(UnsendableError, match="has no JSON"):
        json_value(value)


@pytest.mark.parametrize("value", [b"bytes", object(), np.array([1, 2]), {1}])
def test_what_is_no_value_of_a_row_is_refused(value: Any) -> None:
    with pytest.raises(UnsendableError, match="has no JSON: send texts"):
        json_value(value)


def test_a_refusal_has_its_row_and_column() -> None:
    with pytest.raises(UnsendableError, match="row 1, column 'km': infinity"):
        list(json_rows([{"km": 1}, {"km": math.inf}]))
    with pytest.raises(UnsendableError, match="row 0 is int, not a dict"):
        list(json_rows([1]))  # type: ignore[list-item]


def test_a_column_that_is_of_an_enum_of_texts_has_its_text() -> None:
    assert list(json_rows([{Contract.MONTHLY: 1}])) == [b'{"Month-to-month":1}']
    with pytest.raises(UnsendableError, match="column 'Month-to-month': infinity"):
        list(json_rows([{Contract.MONTHLY: math.inf}]))


def test_json_is_compact_utf8() -> None:
    assert json_bytes({"text": "Año", "n": 1}) == '{"text":"Año","n":1}'.encode()


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UnsendableError, match="cannot be written as JSON"):
        json_bytes({"text": "\ud800"})


def test_neither_pandas_nor_numpy_is_imported() -> None:
    code = "import sys, despliegue_client; print(sorted({'pandas', 'numpy'} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert json.loads(found.stdout.replace("'", '"')) == []
