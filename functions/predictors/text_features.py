"""Documents as weighted terms, number for number what scikit-learn computes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.errors import DamagedVersionError
from functions.predictors.terms import UNKNOWN, term_finder
from functions.predictors.vectorizer import Vectorizer, Weighting

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


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
            self._find_terms = term_finder(vectorizer)
        except (KeyError, re.error) as error:
            raise DamagedVersionError(f"vectorizer.json cannot be used: {error!r}") from error
        self._width = len(vectorizer.vocabulary)
        self._binary = vectorizer.binary
        self._weightings = [_Weights(one) for one in vectorizer.weightings]

    def of(self, texts: Sequence[str]) -> Features:
        rows, columns, counts = self._counts(texts)
        values = np.ones(len(counts)) if self._binary else counts.astype(np.float64)
        for weights in self._weightings:
            values = weights.apply(values, rows, columns, len(texts))
        return Features(rows, columns, values)

    def _counts(self, texts: Sequence[str]) -> tuple[Integers, Integers, Integers]:
        """Row, column and count of each term in each document, in order."""
        found: list[int] = []
        ends = []
        for text in texts:
            found.extend(self._find_terms(text))
            ends.append(len(found))
        columns = np.array(found, dtype=np.int64)
        rows = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0))
        cells = (rows * self._width + columns)[columns != UNKNOWN]
        cells.sort()
        firsts = np.flatnonzero(np.diff(cells, prepend=UNKNOWN))
        rows, columns = np.divmod(cells[firsts], self._width)
        return rows, columns, np.diff(firsts, append=len(cells))


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
