"""The file vectorizer.json, read as it was written, or refused."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from functions.core.errors import DamagedVersionError
from functions.predictors.text.vectorizer import Hashing, Vectorizer, Weighting

WRITTEN = Vectorizer(
    analyzer="word",
    ngram_range=(1, 2),
    lowercase=True,
    strip_accents="unicode",
    token_pattern=r"(?u)\b\w\w+\b",  # noqa: S106
    stop_words=("de", "the"),
    binary=False,
    vocabulary=("a\x00b", "niño", "深層", "🚀", '"'),
    weightings=(Weighting(True, (1.0, math.pi, 5e-324, 0.1 + 0.2, 1.7976931348623157e308), "l2"),),
)


def test_it_is_read_as_it_was_written() -> None:
    assert Vectorizer.from_json(WRITTEN.to_json()) == WRITTEN
    assert WRITTEN.width == 5


def test_hashes_are_in_a_newer_format_and_no_others() -> None:
    hashing = replace(WRITTEN, vocabulary=(), hashing=Hashing(2**20, alternate_sign=True))
    assert Vectorizer.from_json(hashing.to_json()) == hashing
    assert hashing.width == 2**20
    assert b'"format_version":2' in hashing.to_json()
    assert b'"format_version":1' in WRITTEN.to_json()
    assert b"hashing" not in WRITTEN.to_json()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format_version": 1}',
        b'{"format_version": 1, "vectorizer": {"ngram_range": [1]}}',
        WRITTEN.to_json().replace(b'"binary"', b'"other"'),
        WRITTEN.to_json()[:-3],
        WRITTEN.to_json().replace(b'"binary":false', b'"binary":0'),
        WRITTEN.to_json().replace(b'"analyzer":"word"', b'"analyzer":"words"'),
        WRITTEN.to_json().replace(b'"ngram_range":[1,2]', b'"ngram_range":[1,"2"]'),
        WRITTEN.to_json().replace(b'"de","the"', b'"de",5'),
        WRITTEN.to_json().replace(b'"norm":"l2"', b'"norm":"l3"'),
    ],
)
def test_what_is_no_vectorizer_is_damaged(body: bytes) -> None:
    with pytest.raises(DamagedVersionError, match=r"vectorizer\.json cannot be read"):
        Vectorizer.from_json(body)


def test_a_newer_format_asks_for_a_newer_despliegue() -> None:
    with pytest.raises(DamagedVersionError, match="install a newer one"):
        Vectorizer.from_json(WRITTEN.to_json().replace(b'"format_version":1', b'"format_version":3'))
