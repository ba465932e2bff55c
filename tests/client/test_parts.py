"""Rows cut into requests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from despliegue_client.parts import cut, halves

ROWS = st.lists(st.binary(min_size=2, max_size=30), max_size=50)


@given(ROWS, st.integers(1, 20), st.integers(10, 100))
def test_every_row_is_in_one_request_in_order_and_none_is_too_large(rows: list[bytes], most: int, size: int) -> None:
    parts = list(cut(rows, most_rows=most, most_bytes=size))
    assert [place for part in parts for place in part] == list(range(len(rows)))
    for part in parts:
        body = b"[" + b",".join(rows[place] for place in part) + b"]"
        assert len(part) == 1 or (len(part) <= most and len(body) <= size)


def test_rows_that_fit_are_one_request() -> None:
    assert list(cut([b"{}"] * 3, most_rows=3, most_bytes=100)) == [range(3)]
    assert list(cut([b"{}"] * 4, most_rows=3, most_bytes=100)) == [range(3), range(3, 4)]


def test_halves_have_all_places() -> None:
    assert halves(range(3, 6)) == (range(3, 4), range(4, 6))
