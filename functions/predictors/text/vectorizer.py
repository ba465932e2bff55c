"""A fitted vectorizer of scikit-learn, which makes weighted terms of documents, as the file vectorizer.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import orjson

from functions.core.documents import read_document
from functions.core.errors import DamagedVersionError, DocumentError

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
        try:
            document = orjson.loads(body)
            if document["format_version"] != VECTORIZER_FORMAT_VERSION:
                raise DamagedVersionError(
                    f"vectorizer.json has format version {document['format_version']}, this Despliegue reads "
                    f"{VECTORIZER_FORMAT_VERSION}: install a newer one"
                )
            # types alone: a version that was trained before a bound existed must still open
            return read_document(document, _Document, "vectorizer.json", bounds=False).vectorizer
        except DocumentError as error:
            raise DamagedVersionError(f"vectorizer.json cannot be read: {error.brief}") from error
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise DamagedVersionError(f"vectorizer.json cannot be read: {error!r}") from error


@dataclass(frozen=True, slots=True)
class _Document:
    format_version: int
    vectorizer: Vectorizer
