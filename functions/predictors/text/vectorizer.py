"""A fitted vectorizer of scikit-learn, which makes weighted terms of documents, as the file vectorizer.json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import orjson

from functions.core.tasks import VECTORIZER
from functions.predictors.text.versioned_json import read_versioned

VECTORIZER_FORMATS = (1, 2)
"""Formats that are read; 2 has `hashing`, and is written for a vectorizer that hashes alone."""
Analyzer = Literal["word", "char", "char_wb"]


@dataclass(frozen=True, slots=True)
class Weighting:
    """One TfidfTransformer; `idf` has a factor for each term, in the order of the vocabulary."""

    sublinear_tf: bool
    idf: tuple[float, ...] | None
    norm: Literal["l1", "l2"] | None


@dataclass(frozen=True, slots=True)
class Hashing:
    """Columns by the hashes of terms, as HashingVectorizer has them; with `alternate_sign` half of them count -1."""

    n_features: int
    alternate_sign: bool


@dataclass(frozen=True, slots=True)
class Vectorizer:
    """Parameters of a fitted CountVectorizer, under their scikit-learn names, and the weightings of its counts.

    `vocabulary` is in the order of the columns, and empty with `hashing`; `stop_words` and `token_pattern` are for the
    analyzer "word" alone.
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
    hashing: Hashing | None = None

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.vocabulary) if self.hashing is None else self.hashing.n_features

    @property
    def format_version(self) -> int:
        """The oldest format that holds it, so that an older Despliegue reads whatever it knows."""
        return VECTORIZER_FORMATS[self.hashing is not None]

    def keys(self) -> Mapping[str, Any]:
        """The keys that a file of its format has."""
        names = [field.name for field in fields(self)]
        return {name: getattr(self, name) for name in names if name != "hashing" or self.hashing is not None}

    def to_json(self) -> bytes:
        """The bytes of vectorizer.json; raises TypeError for text that UTF-8 cannot hold."""
        return orjson.dumps({"format_version": self.format_version, "vectorizer": self.keys()})

    @classmethod
    def from_json(cls, body: bytes) -> Vectorizer:
        """Read vectorizer.json; raises DamagedVersionError if it holds no vectorizer, or has a newer format."""
        return read_versioned(body, _Document, VECTORIZER, VECTORIZER_FORMATS).vectorizer


@dataclass(frozen=True, slots=True)
class _Document:
    format_version: int
    vectorizer: Vectorizer
