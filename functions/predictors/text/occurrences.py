"""Occurrences of terms in documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from functions.predictors.predictions import Integers

UNKNOWN = -1
"""Column of a term that the vocabulary lacks."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The document and the term of each occurrence, int64 [occurrences], in any order.

    `counts` says how often each one counts, which may be negative or 0; None is once for all.
    """

    rows: Integers
    columns: Integers
    counts: Integers | None = None

    @classmethod
    def known(cls, rows: Integers, columns: Integers) -> Occurrences:
        """Leave out occurrences whose column is UNKNOWN."""
        is_known = columns != UNKNOWN
        return cls(rows[is_known], columns[is_known])

    @classmethod
    def joined(cls, parts: Sequence[Occurrences]) -> Occurrences:
        """All occurrences of `parts`, which have counts either all or none."""
        rows, columns = (np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "columns"))
        counts = [part.counts for part in parts if part.counts is not None]
        return cls(rows, columns, np.concatenate(counts) if counts else None)

    def summed(self, width: int) -> Occurrences:
        """One occurrence for each document and term; `width` is above every column."""
        cells, counts = self.cells(width)
        rows, columns = np.divmod(cells, width)
        return Occurrences(rows, columns, counts)

    def cells(self, width: int) -> tuple[Integers, Integers]:
        """Cells of a matrix [documents, width] that have an occurrence, numbered row by row, and their counts."""
        # one number for each cell, so that a single sort counts them all
        numbers = self.rows * width + self.columns
        if self.counts is None:
            return np.unique(numbers, return_counts=True)
        found, places = np.unique(numbers, return_inverse=True)
        return found, np.bincount(places, self.counts, len(found)).astype(np.int64)
