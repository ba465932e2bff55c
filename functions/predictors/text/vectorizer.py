"""A fitted vectorizer of scikit-learn, which makes weighted terms of documents, as the file vectorizer.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import orjson

from functions.core.tasks import VECTORIZER
from functions.predictors.text.versioned_json import read_versioned

VECTORIZER_FORMAT_VERSION = 1
Analyzer = Literal["word", "char", "char_wb"]


@dataclass(frozen=True, slots=True)
class Weighting:
    """One TfidfTransformer; `idf` has a factor for each term, in the order of the vocabulary."""

    sublinear_tf: bool
    idf: tuple[float, ...] | None
    norm: Literal["l1", "l2"] | None


@dataclass(frozen=True, slots=True)
class Vectorizer:
    """Parameters of a fitted CountVectorizer, under their scikit-learn names, and the weightings of its counts.

    `vocabulary` is in the order of the columns; `stop_words` and `token_pattern` are for the analyzer "word" alone.
    """

    analyzer: Analyzer
    ngram_range: tuple[int, int]
    lowercase: bool
    strip_accents: Literal["ascii", "unicode"] | None
    token_pattern: str
    stop_words: tuple[str, ...]
    binary: bool
    vocabulary: tuple[str, ...]
    weightings: tuple[Weighting, ...]

    def to_json(self) -> bytes:
        """The bytes of vectorizer.json; raises TypeError for text that UTF-8 cannot hold."""
        return orjson.dumps({"format_version": VECTORIZER_FORMAT_VERSION, "vectorizer": self})

    @classmethod
    def from_json(cls, body: bytes) -> Vectorizer:
        """Read vectorizer.json; raises DamagedVersionError if it holds no vectorizer, or has a newer format."""
        return read_versioned(body, _Document, VECTORIZER, VECTORIZER_FORMAT_VERSION).vectorizer


@dataclass(frozen=True, slots=True)
class _Document:
    format_version: int
    vectorizer: Vectorizer
