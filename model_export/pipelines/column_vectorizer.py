"""DictVectorizer fitted from the columns of a table with the result of a fit on its rows, but without dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from sklearn.feature_extraction import DictVectorizer

from functions.core.schema import Feature, FeatureType, Schema, Table, row_count

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]
KNOWN_TYPES: frozenset[FeatureType] = frozenset({"string", "integer", "number", "boolean"})
ABSENT = -1
CHUNK_ROWS = 50_000
"""Rows whose entries are sorted at a time, so that it takes little memory."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A feature as entries of a DictVectorizer: one for each level of strings, one for all numbers.

    `entries` [rows] is the entry of each row, ABSENT for a missing value. `numbers` [rows] is empty for strings, whose
    entries are all 1.
    """

    names: tuple[str, ...]
    entries: Places
    numbers: Doubles

    def first_rows(self) -> list[int]:
        """The row in which each entry is first."""
        rows = np.zeros(len(self.names), dtype=np.int64)
        present = np.flatnonzero(self.entries != ABSENT)[::-1]
        rows[self.entries[present]] = present  # of several values for one place the last one stays
        return rows.tolist()

    def places(self, of: Mapping[str, int]) -> Places:
        """The column of the matrix for each row, ABSENT for a missing value."""
        return np.array([*map(of.__getitem__, self.names), ABSENT], dtype=np.int32)[self.entries]

    def values(self, rows: Any) -> Doubles:
        return self.numbers[rows] if len(self.numbers) else np.ones(len(self.entries[rows]))


def fit_transform_columns(vectorizer: DictVectorizer, table: Table, schema: Schema) -> Any:
    """Fit as `vectorizer.fit_transform` does on rows without their missing values, and return the same matrix.

    None, with nothing fitted, where only the rows themselves tell: for anything but a plain DictVectorizer in float64,
    for types without a rule here, and for features that share an entry.
    """
    if not _is_plain(vectorizer) or not all(feature.type in KNOWN_TYPES for feature in schema.features):
        return None
    columns = [_column(feature, table[feature.name], vectorizer.separator) for feature in schema.features]
    seen = _in_order_of_appearance(columns)
    if not seen or len(set(seen)) < len(seen):
        return None
    names = sorted(seen) if vectorizer.sort else seen
    places = {name: place for place, name in enumerate(names)}
    vectorizer.feature_names_ = names
    vectorizer.vocabulary_ = {name: places[name] for name in seen}
    if vectorizer.sparse:
        return _sparse(vectorizer, columns, places, row_count(table))
    return _dense(columns, places, row_count(table))


def _is_plain(vectorizer: DictVectorizer) -> bool:
    return (
        type(vectorizer) is DictVectorizer
        and vectorizer.dtype in (float, np.float64)
        and isinstance(vectorizer.separator, str)
        and isinstance(vectorizer.sort, bool)
        and isinstance(vectorizer.sparse, bool)
    )


def _column(feature: Feature, values: Sequence[Any], separator: str) -> _Column:
    if not feature.is_string:
        numbers = np.array(values, dtype=np.float64)  # None becomes NaN, which no validated table has
        entries = np.where(np.isnan(numbers), ABSENT, 0).astype(np.int32)
        return _Column((feature.name,) if (entries != ABSENT).any() else (), entries, numbers)
    levels = dict.fromkeys(values)
    levels.pop(None, None)
    entry_of = {level: entry for entry, level in enumerate(levels)}
    entries = np.fromiter(map(entry_of.get, values, repeat(ABSENT)), dtype=np.int32, count=len(values))
    return _Column(tuple(f"{feature.name}{separator}{level}" for level in levels), entries, np.empty(0))


def _in_order_of_appearance(columns: Sequence[_Column]) -> list[str]:
    """The names of all entries, row by row, and in a row column by column: the order of the keys of a vocabulary."""
    found = [
        (row, place, name)
        for place, column in enumerate(columns)
        for row, name in zip(column.first_rows(), column.names, strict=True)
    ]
    return [name for _, _, name in sorted(found)]


def _dense(columns: Sequence[_Column], places: Mapping[str, int], rows: int) -> Doubles:
    matrix = np.zeros((rows, len(places)))
    for column in columns:
        present = np.flatnonzero(column.entries != ABSENT)
        # a sum, as scikit-learn makes it of its sparse matrix: 0 and -0.0 are 0.0
        matrix[present, column.places(places)[present]] += column.values(present)
    return matrix


def _sparse(vectorizer: DictVectorizer, columns: Sequence[_Column], places: Mapping[str, int], rows: int) -> Any:
    lengths = sum((column.entries != ABSENT).astype(np.int32) for column in columns)
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    indices, data = np.empty(ends[-1], dtype=np.int32), np.empty(ends[-1])
    by_column = [column.places(places) for column in columns]
    for start in range(0, rows, CHUNK_ROWS):
        chunk = slice(start, start + CHUNK_ROWS)
        filled = slice(ends[start], ends[min(start + CHUNK_ROWS, rows)])
        indices[filled], data[filled] = _sorted_entries(
            np.stack([one[chunk] for one in by_column], axis=1),
            np.stack([column.values(chunk) for column in columns], axis=1),
        )
    # the class of the matrix follows a setting of scikit-learn, and the type of its indices the release
    like = vectorizer.transform([{}])
    numbers = like.indices.dtype
    shape = (rows, len(places))
    return type(like)(csr_array((data, indices.astype(numbers), ends.astype(numbers)), shape=shape))


def _sorted_entries(places: Places, values: Doubles) -> tuple[Places, Doubles]:
    """The places that are present and their values, row by row, in a row by place."""
    order = np.argsort(places, axis=1)
    places, values = np.take_along_axis(places, order, axis=1), np.take_along_axis(values, order, axis=1)
    is_present = places != ABSENT
    return places[is_present], values[is_present]
