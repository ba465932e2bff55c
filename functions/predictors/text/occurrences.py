"""Occurrences of a vocabulary's terms in documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from functions.predictors.predictions import Integers

UNKNOWN = -1
"""Column of a term that the vocabulary lacks."""


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The document and the term of each occurrence, int64 [occurrences], in any order."""

    rows: Integers
    columns: Integers

    @classmethod
    def known(cls, rows: Integers, columns: Integers) -> Occurrences:
        """Leave out occurrences whose column is UNKNOWN."""
        is_known = columns != UNKNOWN
        return cls(rows[is_known], columns[is_known])

    @classmethod
    def joined(cls, parts: Sequence[Occurrences]) -> Occurrences:
        return cls(np.concatenate([part.rows for part in parts]), np.concatenate([part.columns for part in parts]))
