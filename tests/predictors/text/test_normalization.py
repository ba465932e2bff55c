"""Lower case and accents, as scikit-learn treats them."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from sklearn.feature_extraction import text as sklearn_text

from functions.predictors.text.normalization import normalizer, strip_accents_ascii, strip_accents_unicode
from tests.predictors.text.fitted import vectorizer


def test_accents_are_stripped_as_scikit_learn_strips_them() -> None:
    every = [chr(point) for point in range(0x110000) if unicodedata.category(chr(point)) not in ("Cs", "Cn", "Co")]
    text = " ".join(every)
    assert strip_accents_unicode(text) == sklearn_text.strip_accents_unicode(text)
    assert strip_accents_ascii(text) == sklearn_text.strip_accents_ascii(text)


@pytest.mark.parametrize(
    ("strip_accents", "lowercase", "expected"),
    [
        (None, False, "Ñandú ½ 深"),
        (None, True, "ñandú ½ 深"),
        ("ascii", False, "Nandu 12 "),
        ("ascii", True, "nandu 12 "),
        ("unicode", True, "nandu 1\u20442 深"),
    ],
)
def test_a_vectorizer_chooses_case_and_accents(strip_accents: Any, lowercase: bool, expected: str) -> None:
    normalize = normalizer(vectorizer(strip_accents=strip_accents, lowercase=lowercase))
    assert normalize("Ñandú ½ 深") == expected


def test_an_unknown_way_to_strip_accents_is_an_error() -> None:
    with pytest.raises(KeyError, match="latin"):
        normalizer(vectorizer(strip_accents="latin"))
