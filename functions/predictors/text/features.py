"""Documents as weighted terms, number for number what scikit-learn computes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from functions.core.errors import DamagedVersionError
from functions.predictors.text.characters import Characters
from functions.predictors.text.normalization import normalizer
from functions.predictors.text.occurrences import Integers, Occurrences
from functions.predictors.text.vectorizer import Analyzer, Vectorizer, Weighting
from functions.predictors.text.words import Words

Numbers = npt.NDArray[np.float64]
TOGETHER = 2**19
"""Characters worked on at once: a large batch needs no more memory than a large document."""


class Finder(Protocol):
    def find(self, texts: Sequence[str]) -> Occurrences: ...


FINDERS: Mapping[Analyzer, Callable[[Vectorizer], Finder]] = {
    "word": Words,
    "char": Characters,
    "char_wb": Characters,
}


@dataclass(frozen=True, slots=True)
class Features:
    """A sparse [documents, terms] matrix: what is not 0, by row and then by column.

    `rows` and `columns` int64 [nnz], `values` float64 [nnz].
    """

    rows: Integers
    columns: Integers
    values: Numbers


class TextFeatures:
    """Counts the terms of documents and weights the counts."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        """Raises DamagedVersionError for a vectorizer that is none."""
        try:
            self._normalize = normalizer(vectorizer)
            self._finder = FINDERS[vectorizer.analyzer](vectorizer)
        except (KeyError, ValueError, re.error) as error:
            raise DamagedVersionError(f"vectorizer.json cannot be used: {error!r}") from error
        self._width = len(vectorizer.vocabulary)
        self._binary = vectorizer.binary
        self._weightings = [_Weights(one) for one in vectorizer.weightings]

    def of(self, texts: Sequence[str]) -> Features:
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
        """The cells of the matrix that are not 0, numbered row by row, and the counts in them."""
        found = self._finder.find([self._normalize(text) for text in texts])
        return np.unique((found.rows + first_row) * self._width + found.columns, return_counts=True)


class _Weights:
    """One TfidfTransformer. Sums run from left to right, as scikit-learn's do: bincount adds in order."""

    def __init__(self, weighting: Weighting) -> None:
        self._weighting = weighting
        self._idf = None if weighting.idf is None else np.array(weighting.idf, dtype=np.float64)

    def apply(self, values: Numbers, rows: Integers, columns: Integers, documents: int) -> Numbers:
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
        sizes[sizes == 0.0] = 1.0
        normalized: Numbers = values / sizes[rows]
        return normalized


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Ranges of documents, of TOGETHER characters at most or a single one."""
    first, characters = 0, 0
    for row, text in enumerate(texts):
        if row > first and characters + len(text) > TOGETHER:
            yield first, row
            first, characters = row, 0
        characters += len(text)
    yield first, len(texts)
