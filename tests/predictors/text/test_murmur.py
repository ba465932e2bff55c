"""Hashes of parts of a text, against scikit-learn's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import murmurhash3_32

from functions.predictors.text import murmur
from functions.predictors.text.murmur import murmur_hashes
from tests.generated import examples


def hashes(parts: list[bytes]) -> list[int]:
    ends = np.cumsum([0, *map(len, parts)])
    lengths = np.array([last - first for first, last in pairwise(ends.tolist())], dtype=np.int64)
    return murmur_hashes(b"".join(parts), ends[:-1], lengths).tolist()


@examples(100)
@given(st.lists(st.binary(max_size=40), max_size=30), st.sampled_from([0, 5, 256]))
def test_hashes_are_those_of_scikit_learn(parts: list[bytes], longest: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(murmur, "LONGEST_AT_ONCE", longest)
        assert hashes(parts) == [murmurhash3_32(part, 0) for part in parts]


def test_a_part_of_many_blocks_is_hashed_whole() -> None:
    parts = [b"", b"ab" * 400_001, bytes(257), bytes(256), "🚀".encode() * 100]
    assert hashes(parts) == [murmurhash3_32(part, 0) for part in parts]


def test_hashes_are_signed_numbers() -> None:
    found = hashes([f"word {number}".encode() for number in range(10_000)])
    assert min(found) < -(2**31) + 2**20
    assert max(found) > 2**31 - 2**20
