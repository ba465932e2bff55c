"""Rows between planning and the workers: every value comes back as it went."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.converted_rows import ConvertedRow, decoded_rows, encoded_rows
from functions.core.errors import DamagedRecordError
from tests.generated import examples

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
CELLS = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)


@examples(50)
@given(st.lists(st.tuples(st.dictionaries(TEXTS, CELLS), st.none() | TEXTS)))
def test_rows_come_back_with_exact_numbers_and_any_text(given_rows: list[tuple[dict[str, object], str | None]]) -> None:
    rows = [
        ConvertedRow(line, values, id=own, columns=values, faults=(("a", "b", "c"),))
        for line, (values, own) in enumerate(given_rows, 2)
    ]
    body = encoded_rows(rows)
    assert body.count(b"\n") == len(rows)
    found = list(decoded_rows(body))
    assert found == rows
    assert [[type(cell) for cell in row.values.values()] for row in found] == [
        [type(cell) for cell in row.values.values()] for row in rows
    ]


def test_a_line_that_is_no_row_is_refused() -> None:
    with pytest.raises(DamagedRecordError, match="converted row"):
        list(decoded_rows(b'{"line":"one"}\n'))
