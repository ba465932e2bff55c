"""Bytes counted as bytes.count counts them."""

from __future__ import annotations

import pytest

from functions.predictors.byte_count import SHORT_BYTES, count_byte


@pytest.mark.parametrize("length", [0, 1, SHORT_BYTES - 1, SHORT_BYTES, 100_003])
def test_a_byte_is_counted_wherever_it_is(length: int) -> None:
    text = (bytes(range(256)) * (length // 256 + 1))[:length]
    for byte in (b":", b"\x00", b"\xff"):
        assert count_byte(text, byte) == text.count(byte)
