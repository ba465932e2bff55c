"""Where the terms of a vocabulary occur in documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
UNKNOWN = -1
"""Stands for the column of a term that the vocabulary lacks."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The document and the term of each occurrence, int64 [occurrences], in any order."""

    rows: Integers
    columns: Integers

    @classmethod
    def known(cls, rows: Integers, columns: Integers) -> Occurrences:
        """Without those whose column is UNKNOWN."""
        is_known = columns != UNKNOWN
        return cls(rows[is_known], columns[is_known])

    @classmethod
    def joined(cls, parts: Sequence[Occurrences]) -> Occurrences:
        return cls(np.concatenate([one.rows for one in parts]), np.concatenate([one.columns for one in parts]))
