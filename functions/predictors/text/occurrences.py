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

    `signs` says how each one counts, 1 or -1; None is 1 for all.
    """

    rows: Integers
    columns: Integers
    signs: Integers | None = None

    @classmethod
    def known(cls, rows: Integers, columns: Integers) -> Occurrences:
        """Leave out occurrences whose column is UNKNOWN."""
        is_known = columns != UNKNOWN
        return cls(rows[is_known], columns[is_known])

    @classmethod
    def joined(cls, parts: Sequence[Occurrences]) -> Occurrences:
        """All occurrences of `parts`, which have signs either all or none."""
        rows, columns = (np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "columns"))
        signs = [part.signs for part in parts if part.signs is not None]
        return cls(rows, columns, np.concatenate(signs) if signs else None)

    def cells(self, width: int) -> tuple[Integers, Integers]:
        """Cells of a matrix [documents, width] that have an occurrence, numbered row by row, and their counts."""
        # one number for each cell, so that a single sort counts them all
        numbers = self.rows * width + self.columns
        if self.signs is None:
            return np.unique(numbers, return_counts=True)
        found, places = np.unique(numbers, return_inverse=True)
        return found, np.bincount(places, self.signs, len(found)).astype(np.int64)
