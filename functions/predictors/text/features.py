"""Weighted terms of documents, equal to what scikit-learn computes number for number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from functions.core.errors import DamagedVersionError
from functions.predictors.predictions import Doubles, Integers
from functions.predictors.text.characters import Characters
from functions.predictors.text.hashed_terms import HashedTerms
from functions.predictors.text.normalization import normalizer
from functions.predictors.text.occurrences import Occurrences
from functions.predictors.text.vectorizer import Analyzer, Vectorizer, Weighting
from functions.predictors.text.words import Words

CHARACTERS_AT_ONCE = 2**19
"""A large batch is worked on in parts, so that it needs no more memory than one large document."""


class Finder(Protocol):
    def find(self, texts: Sequence[str]) -> Occurrences: ...


FINDERS: Mapping[Analyzer, Callable[[Vectorizer], Finder]] = {
    "word": Words,
    "char": Characters,
    "char_wb": Characters,
}


@dataclass(frozen=True, slots=True)
class Features:
    """A sparse [documents, terms] matrix: its cells that have a term, by row and then by column.

    `rows` and `columns` int64 [nnz], `values` float64 [nnz].
    """

    rows: Integers
    columns: Integers
    values: Doubles


class TextFeatures:
    """Counts the terms of documents and weights the counts."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        """Raises DamagedVersionError for a vectorizer that cannot be used."""
        try:
            self._normalize = normalizer(vectorizer)
            self._finder = _finder(vectorizer)
        except (KeyError, ValueError, re.error) as error:
            raise DamagedVersionError(f"vectorizer.json cannot be used: {error!r}") from error
        self._width = vectorizer.width
        self._binary = vectorizer.binary
        self._weightings = [_Weights(weighting) for weighting in vectorizer.weightings]

    def of(self, texts: Sequence[str]) -> Features:
        """Count the terms of `texts`, and weight the counts."""
        counted: list[tuple[Integers, Integers]] = [
            self._count(texts[first:last], first) for first, last in _parts(texts)
        ]
        cells, counts = (np.concatenate(arrays) for arrays in zip(*counted, strict=True))
        rows, columns = np.divmod(cells, self._width)
        values = np.ones(len(counts)) if self._binary else counts.astype(np.float64)
        for weights in self._weightings:
            values = weights.apply(values, rows, columns, len(texts))
        return Features(rows, columns, values)

    def _count(self, texts: Sequence[str], first_row: int) -> tuple[Integers, Integers]:
        """Cells of the matrix that have a term, numbered row by row, and their counts."""
        cells, counts = self._finder.find([self._normalize(text) for text in texts]).cells(self._width)
        return cells + first_row * self._width, counts


def _finder(vectorizer: Vectorizer) -> Finder:
    if vectorizer.hashing is not None:
        return HashedTerms(vectorizer, vectorizer.hashing)
    return FINDERS[vectorizer.analyzer](vectorizer)


class _Weights:
    """One TfidfTransformer; its sums run from left to right, as in scikit-learn, which bincount does and np.sum not."""

    def __init__(self, weighting: Weighting) -> None:
        self._weighting = weighting
        self._idf = None if weighting.idf is None else np.array(weighting.idf, dtype=np.float64)

    def apply(self, values: Doubles, rows: Integers, columns: Integers, documents: int) -> Doubles:
        if self._weighting.sublinear_tf:
            values = np.log(values) + 1.0
        if self._idf is not None:
            values = values * self._idf[columns]
        if self._weighting.norm is None:
            return values
        is_euclidean = self._weighting.norm == "l2"
        sizes: npt.NDArray[Any] = np.bincount(rows, values * values if is_euclidean else np.abs(values), documents)
        if is_euclidean:
            sizes = np.sqrt(sizes)
        sizes[sizes == 0.0] = 1.0  # a document without a known term stays 0, as in scikit-learn
        normalized: Doubles = values / sizes[rows]
        return normalized


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of documents that have CHARACTERS_AT_ONCE characters at most, or are a single document."""
    first, characters = 0, 0
    for row, text in enumerate(texts):
        if row > first and characters + len(text) > CHARACTERS_AT_ONCE:
            yield first, row
            first, characters = row, 0
        characters += len(text)
    yield first, len(texts)
