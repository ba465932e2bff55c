"""What scikit-learn's vectorizers do to a document before they take it apart."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from functions.predictors.text.vectorizer import Vectorizer

FIRST_COMBINING = "\u0300"


def normalizer(vectorizer: Vectorizer) -> Callable[[str], str]:
    """Lower case and accents, as the vectorizer says. Raises KeyError for a way to strip accents that is none."""
    if vectorizer.strip_accents is None:
        return str.lower if vectorizer.lowercase else str
    strip = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}[vectorizer.strip_accents]
    return (lambda text: strip(text.lower())) if vectorizer.lowercase else strip


def strip_accents_ascii(text: str) -> str:
    """What is left in ASCII of the compatibility decomposition."""
    return text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")


def strip_accents_unicode(text: str) -> str:
    """The compatibility decomposition without its combining characters."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join([one for one in decomposed if one < FIRST_COMBINING or not unicodedata.combining(one)])
