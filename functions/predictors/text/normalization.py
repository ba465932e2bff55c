"""Lower case and accents of documents, as scikit-learn's vectorizers treat them before they look for terms."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from functions.predictors.text.vectorizer import Vectorizer

FIRST_COMBINING = "\u0300"
"""The first combining character of Unicode: for those before it the look-up is spared."""


def normalizer(vectorizer: Vectorizer) -> Callable[[str], str]:
    """A function that lowers and strips as the vectorizer asks; raises KeyError for an unknown way to strip accents."""
    if vectorizer.strip_accents is None:
        return str.lower if vectorizer.lowercase else str
    strip = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}[vectorizer.strip_accents]
    return (lambda text: strip(text.lower())) if vectorizer.lowercase else strip


def strip_accents_ascii(text: str) -> str:
    """The ASCII characters of the compatibility decomposition."""
    return text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def strip_accents_unicode(text: str) -> str:
    """The compatibility decomposition without its combining characters."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join([part for part in decomposed if part < FIRST_COMBINING or not unicodedata.combining(part)])
