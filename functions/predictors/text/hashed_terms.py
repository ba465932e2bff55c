"""Terms of scikit-learn's HashingVectorizer: the hash of a term is its column, so that there is no vocabulary.

A term is never made: it is a range of the bytes of all documents, and all ranges are hashed at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from functions.predictors.predictions import Integers
from functions.predictors.text.characters import WHITE_SPACES
from functions.predictors.text.murmur import murmur_hashes
from functions.predictors.text.occurrences import Occurrences
from functions.predictors.text.vectorizer import Analyzer, Hashing, Vectorizer
from functions.predictors.text.words import Tokens

RANGES_AT_ONCE = 2**19
"""A long text is worked on in parts, so that memory grows with its different terms and not with all of them."""
CONTINUES = 0x80
"""The upper two bits of a byte of UTF-8 that begins no character."""


@dataclass(frozen=True, slots=True)
class Units:
    """Characters or words in the bytes `data`; n-grams are of neighbours in the same group.

    `starts`, `ends`, `groups` (rising) and `rows` (the document of each) are int64 [units].
    """

    data: bytes
    starts: Integers
    ends: Integers
    groups: Integers
    rows: Integers


class HashedTerms:
    """Finds all n-grams of documents, and hashes them to columns and signs."""

    def __init__(self, vectorizer: Vectorizer, hashing: Hashing) -> None:
        """Raises re.error for a token pattern that is no regular expression."""
        self._hashing = hashing
        self._least, self._most = vectorizer.ngram_range
        self._counts_short_groups = vectorizer.analyzer == "char_wb"
        self._units = UNITS[vectorizer.analyzer](vectorizer)

    def find(self, texts: Sequence[str]) -> Occurrences:
        """Occurrences of all terms in `texts`."""
        units = self._units(texts)
        parts = [
            self._hashed(units, first[at : at + RANGES_AT_ONCE], last[at : at + RANGES_AT_ONCE])
            for first, last in self._ranges(units)
            for at in range(0, max(1, len(first)), RANGES_AT_ONCE)
        ]
        return Occurrences.joined(parts)

    def _ranges(self, units: Units) -> Iterator[tuple[Integers, Integers]]:
        """For each length: numbers of the first and of the last unit of each term."""
        for length in range(self._least, self._most + 1):
            first = np.arange(max(0, len(units.groups) - length + 1))
            last = first + length - 1
            is_together = units.groups[first] == units.groups[last]
            yield first[is_together], last[is_together]
        if self._counts_short_groups:
            # scikit-learn counts a word, with its spaces, that is shorter than the least length as one whole term
            first = np.flatnonzero(np.diff(units.groups, prepend=-1))
            last = np.append(first[1:], len(units.groups))[: len(first)] - 1
            is_short = last - first + 1 < self._least
            yield first[is_short], last[is_short]

    def _hashed(self, units: Units, first: Integers, last: Integers) -> Occurrences:
        """The terms of these ranges, each once for a document."""
        starts, ends = units.starts[first], units.ends[last]
        begin, end = int(starts.min(initial=len(units.data))), int(ends.max(initial=0))
        hashes = murmur_hashes(units.data[begin:end], starts - begin, ends - starts)
        signs = np.where(hashes < 0, -1, 1) if self._hashing.alternate_sign else np.ones(len(hashes), dtype=np.int64)
        columns = np.abs(hashes) % self._hashing.n_features
        return Occurrences(units.rows[first], columns, signs).summed(self._hashing.n_features)


def _words(vectorizer: Vectorizer) -> Callable[[Sequence[str]], Units]:
    tokens = Tokens(vectorizer)

    def units(texts: Sequence[str]) -> Units:
        found = [tokens.of(text) for text in texts]
        encoded = [token.encode() for document in found for token in document]
        lengths = np.array([len(token) for token in encoded], dtype=np.int64)
        starts = np.cumsum(lengths + 1) - lengths - 1
        rows = np.repeat(np.arange(len(texts)), [len(document) for document in found])
        return Units(b" ".join(encoded), starts, starts + lengths, rows, rows)

    return units


def _characters(vectorizer: Vectorizer) -> Callable[[Sequence[str]], Units]:
    return lambda texts: _of_groups([WHITE_SPACES.sub(" ", text) for text in texts], np.arange(len(texts)))


def _characters_in_words(vectorizer: Vectorizer) -> Callable[[Sequence[str]], Units]:
    def units(texts: Sequence[str]) -> Units:
        words = [text.split() for text in texts]
        padded = [f" {word} " for document in words for word in document]
        return _of_groups(padded, np.repeat(np.arange(len(texts)), [len(document) for document in words]))

    return units


def _of_groups(groups: Sequence[str], rows: Integers) -> Units:
    """The characters of `groups`; `rows` has the document of each group."""
    data = "".join(groups).encode()
    starts = np.flatnonzero((np.frombuffer(data, dtype=np.uint8) & 0xC0) != CONTINUES)
    ends = np.append(starts[1:], len(data))[: len(starts)]
    numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return Units(data, starts, ends, numbers, rows[numbers])


UNITS: Mapping[Analyzer, Callable[[Vectorizer], Callable[[Sequence[str]], Units]]] = {
    "word": _words,
    "char": _characters,
    "char_wb": _characters_in_words,
}
